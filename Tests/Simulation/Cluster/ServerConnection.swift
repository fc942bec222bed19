import Engine

/// A node's end of a client's connection, as its outlet keeps it.
final class ServerConnection {
    enum Phase {
        case open
        /// Takes nothing any more; is closed once the client has taken what it is owed.
        case finishing
    }

    let endpoint: Endpoint
    let session: Session
    var phase = Phase.open
    /// Requests that the session was not ready for.
    var inbox: [Request] = []
    /// Frames that the client has not taken.
    var outbox: [Frame] = []
    var outboxBytes = 0
    var isCongested = false
    /// Whether the outbox is to be looked at in the end of the tick.
    var isDirty = false
    /// Bytes that the way to the client still takes; no bound where the client reads as fast as it
    /// can.
    var windowBytes: Int?

    init(endpoint: Endpoint, session: Session, windowBytes: Int?) {
        self.endpoint = endpoint
        self.session = session
        self.windowBytes = windowBytes
    }

    /// Takes out what the way to the client takes now.
    func takeSendable() -> [Frame] {
        guard let window = windowBytes else {
            outboxBytes = 0
            return exchange(&outbox, with: [])
        }
        var taken = 0
        var count = 0
        while count < outbox.count, taken < window {
            taken += outbox[count].byteCount
            count += 1
        }
        let frames = Array(outbox.prefix(count))
        outbox.removeFirst(count)
        outboxBytes -= taken
        windowBytes = window - taken
        return frames
    }
}
