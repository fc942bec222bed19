/// Cuts a byte stream into frames and heart-beats. It remembers where it is in the stream, and none
/// of its bytes but those of a complete head whose body is under way.
struct STOMPFrameScanner: Sendable {
    private enum Stage {
        case betweenFrames
        case head(STOMPHeadScanner)
        /// The head is consumed; `searched` bytes of a body without announced length hold no NUL.
        case body(STOMPHead, searched: Int)
        case failed(STOMPError)
    }

    let limits: STOMPLimits
    var version: STOMPVersion?
    private var stage = Stage.betweenFrames

    init(limits: STOMPLimits) {
        self.limits = limits
    }

    /// Whether the stream broke the protocol; every further call throws what it threw then.
    var hasFailed: Bool {
        switch stage {
        case .failed: true
        case .betweenFrames, .head, .body: false
        }
    }

    /// Whether it stands before a frame, with nothing of one consumed.
    var isBetweenFrames: Bool {
        switch stage {
        case .betweenFrames: true
        case .head, .body, .failed: false
        }
    }

    /// Takes the next event from `input` at `offset`, which moves behind what is consumed.
    ///
    /// Nil when the rest is no whole event. The next call must then bring the same rest with more
    /// behind it.
    mutating func next(
        in input: Span<UInt8>, at offset: inout Int
    ) throws(STOMPError) -> STOMPEvent? {
        do throws(STOMPError) {
            return try advance(in: input, at: &offset)
        } catch {
            stage = .failed(error)
            throw error
        }
    }

    private mutating func advance(
        in input: Span<UInt8>, at offset: inout Int
    ) throws(STOMPError) -> STOMPEvent? {
        switch stage {
        case .failed(let error):
            throw error
        case .betweenFrames:
            guard offset < input.count else { return nil }
            guard let lineEndBytes = try lineEnd(in: input, at: offset) else {
                return try head(STOMPHeadScanner(), in: input, at: &offset)
            }
            offset &+= lineEndBytes
            return lineEndBytes > 0 ? .heartBeat : nil
        case .head(let scanner):
            return try head(scanner, in: input, at: &offset)
        case .body(let head, let searched):
            return try body(of: head, in: input, at: &offset, from: searched)
        }
    }

    /// Goes on with a head that starts at `offset`, and with the body behind it.
    private mutating func head(
        _ scanner: STOMPHeadScanner, in input: Span<UInt8>, at offset: inout Int
    ) throws(STOMPError) -> STOMPEvent? {
        var scanner = scanner
        let head = try scanner.scan(input, from: offset, version: version, limits: limits)
        guard let head else {
            stage = .head(scanner)
            return nil
        }
        offset &+= scanner.searched
        return try body(of: head, in: input, at: &offset, from: 0)
    }

    /// Goes on with a body that starts at `offset`, of which `searched` bytes were looked at.
    private mutating func body(
        of head: STOMPHead, in input: Span<UInt8>, at offset: inout Int, from searched: Int
    ) throws(STOMPError) -> STOMPEvent? {
        guard let count = try bodyBytes(head, in: input, at: offset, from: searched) else {
            stage = .body(head, searched: input.count &- offset)
            return nil
        }
        let body = STOMPBytes.copy(input.extracting(offset..<offset &+ count))
        offset &+= count &+ 1
        stage = .betweenFrames
        return .frame(STOMPFrame(head.command, headers: head.headers, body: body))
    }

    /// The size of the line end at `offset`: 0 for the first half of one, nil where a frame starts.
    private func lineEnd(in input: Span<UInt8>, at offset: Int) throws(STOMPError) -> Int? {
        switch input[offset] {
        case UInt8(ascii: "\n"):
            return 1
        case UInt8(ascii: "\r"):
            guard offset &+ 1 < input.count else { return 0 }
            guard input[offset &+ 1] == UInt8(ascii: "\n") else { throw .strayCarriageReturn }
            return 2
        default:
            return nil
        }
    }

    /// The size of the body at `offset` once its NUL is there, nil before.
    private func bodyBytes(
        _ head: STOMPHead, in input: Span<UInt8>, at offset: Int, from searched: Int
    ) throws(STOMPError) -> Int? {
        if let contentLength = head.contentLength {
            guard input.count &- offset > contentLength else { return nil }
            guard input[offset &+ contentLength] == 0 else { throw .missingTerminator }
            return contentLength
        }
        let found = STOMPBytes.firstIndex(
            of: 0, in: input, range: offset &+ searched..<input.count)
        let count = (found ?? input.count) &- offset
        guard count == 0 || head.command.mayHaveBody else { throw .bodyNotAllowed(head.command) }
        guard count <= limits.bodyBytesMax else { throw .tooLarge(.bodyBytes) }
        return found == nil ? nil : count
    }
}
