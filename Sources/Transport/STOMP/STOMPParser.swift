/// Turns received bytes into frames and heart-beats, however they are cut: a TCP stream, or the
/// payloads of WebSocket messages, of which one may hold several frames or a part of one.
///
/// Call `append`, then `next` until it returns nil. A parser so used keeps at most one frame's
/// bytes within `limits`, grown as they arrive and never ahead of them, and no heap memory while it
/// waits for a frame to begin.
public struct STOMPParser: Sendable {
    private var scanner: STOMPFrameScanner
    /// An event that was whole in the bytes of one `append`, which spares it the way through
    /// `pending`.
    private var ready: STOMPEvent?
    private(set) var pending: [UInt8] = []
    /// Bytes at the start of `pending` that earlier events were made of.
    private var consumed = 0

    public init(limits: STOMPLimits = STOMPLimits()) {
        scanner = STOMPFrameScanner(limits: limits)
    }

    public var limits: STOMPLimits { scanner.limits }

    /// The version that both ends agreed on; nil until then, when the connecting frames and an ERROR
    /// can be read. It holds for the frames that follow in the stream: set it before the call of
    /// `next` or `append` after the one that gave CONNECT or CONNECTED.
    public var version: STOMPVersion? {
        get { scanner.version }
        set { scanner.version = newValue }
    }

    /// Whether it waits for a frame to begin and remembers nothing but its limits and version, so
    /// that a new parser of the same version could take its place.
    var isIdle: Bool { ready == nil && pending.isEmpty && scanner.isBetweenFrames }

    /// Bytes of memory that wait to become an event.
    var heldBytes: Int { pending.capacity }

    /// Takes bytes in. After an error was thrown they are ignored.
    public mutating func append(_ bytes: Span<UInt8>) {
        guard !scanner.hasFailed else { return }
        guard ready == nil, pending.isEmpty else {
            STOMPBytes.append(bytes, to: &pending)
            return
        }
        var offset = 0
        do throws(STOMPError) {
            ready = try scanner.next(in: bytes, at: &offset)
        } catch {
            // The scanner remembers the error; `next` throws it.
            return
        }
        if offset < bytes.count { pending = STOMPBytes.copy(bytes.extracting(offset...)) }
    }

    /// Drops the line feeds that stand next: a thousand heart-beats say no more than one, and cost
    /// less together.
    mutating func dropHeartBeats() {
        guard ready == nil, scanner.isBetweenFrames else { return }
        var index = consumed
        while index < pending.count, pending[index] == UInt8(ascii: "\n") { index += 1 }
        if index == pending.count {
            pending = []
            index = 0
        }
        consumed = index
    }

    /// The next event in the order of the stream; nil when more bytes are needed. Once it has thrown
    /// it throws the same error again.
    public mutating func next() throws(STOMPError) -> STOMPEvent? {
        if let event = ready.take() { return event }
        guard consumed < pending.count || scanner.hasFailed else { return nil }
        let bytes = pending
        let event: STOMPEvent?
        do throws(STOMPError) {
            event = try scanner.next(in: bytes.span, at: &consumed)
        } catch {
            pending = []
            throw error
        }
        if consumed == bytes.count {
            pending = []
            consumed = 0
        } else if event == nil, consumed > 0 {
            // What is left is part of one frame: keep that, and not the batch it came in.
            pending = STOMPBytes.copy(bytes.span.extracting(consumed...))
            consumed = 0
        }
        return event
    }
}
