/// What a parser has to remember between two chunks, in a box of its own because most parsers have
/// nothing to remember most of the time. Only the parser that made it refers to it.
final class UnfinishedInput {
    enum Reading {
        /// The bytes of a head that is not all there; none of them between two frames.
        case header([UInt8])
        case payload(WebSocketFrameHeader, received: Int)
    }

    var reading = Reading.header([])
    /// The unmasked payload so far of the control frame in `reading`.
    var control: [UInt8] = []
    /// The message whose last fragment has not been received.
    var message: PartialMessage?
    /// Events beyond the parser's first, the oldest at `eventsStart`; nil before that.
    private var events: [ReceivedEvent?] = []
    private var eventsStart = 0

    /// About how many bytes of memory it has taken.
    var heldBytes: Int {
        (message?.payload.capacity ?? 0) + control.capacity + eventBytes
    }
    /// Of the payloads in `events`, and of what each event takes besides.
    private var eventBytes = 0

    /// Whether there are events that must go before a new one.
    var hasEvents: Bool { !events.isEmpty }

    /// Whether there is nothing in it, so that the parser can do without it.
    var isEmpty: Bool {
        guard case .header(let head) = reading else { return false }
        return head.isEmpty && message == nil && events.isEmpty
    }

    /// The control frame's payload so far, moved out so that it can grow in place.
    func takeControl() -> [UInt8] {
        defer { control = [] }
        return control
    }

    /// The message so far, moved out so that it can grow in place.
    func takeMessage() -> PartialMessage? {
        message.take()
    }

    /// Puts an event behind all others.
    func push(_ event: ReceivedEvent) {
        eventBytes += event.heldBytes
        events.append(event)
    }

    /// Takes the oldest event out; nil where there is none.
    func popEvent() -> ReceivedEvent? {
        guard eventsStart < events.count else { return nil }
        defer {
            eventsStart += 1
            if eventsStart == events.count {
                events = []
                eventsStart = 0
                eventBytes = 0
            }
        }
        return events[eventsStart].take()
    }

    /// Forgets everything but the events.
    func dropInput() {
        reading = .header([])
        control = []
        message = nil
    }
}

/// What waits for `WebSocketParser.next()`.
enum ReceivedEvent {
    case event(WebSocketEvent)
    /// A whole message that is inflated when its turn comes, so that a chunk full of compressed
    /// messages costs the memory of one.
    case compressed(isText: Bool, payload: [UInt8])

    /// About how many bytes of memory it takes while it waits.
    fileprivate var heldBytes: Int {
        switch self {
        case .event(.message(_, let payload)), .event(.ping(let payload)),
            .event(.pong(let payload)), .compressed(_, let payload):
            96 + payload.count
        case .event(.close): 96
        }
    }
}

/// A text or binary message while it is received.
struct PartialMessage {
    let isText: Bool
    let isCompressed: Bool
    /// The payloads of its frames so far, unmasked and joined.
    private(set) var payload: [UInt8] = []
    private(set) var utf8 = UTF8Validator()

    init(_ first: WebSocketFrameHeader) {
        isText = first.opcode == .text
        isCompressed = first.isCompressed
    }

    /// Adds a part of a frame that starts `phase` bytes into it.
    mutating func append(
        _ part: Span<UInt8>, maskKey: UInt32, phase: Int
    ) throws(WebSocketError) {
        let start = payload.count
        payload.append(part)
        WebSocketMasking.apply(maskKey, phase: phase, to: &payload, from: start)
        if isText && !isCompressed {
            // A local, because a span of one property borrows all of them.
            var utf8 = utf8
            guard utf8.accept(payload.span.extracting(start...)) else { throw .invalidUTF8 }
            self.utf8 = utf8
        }
    }
}
