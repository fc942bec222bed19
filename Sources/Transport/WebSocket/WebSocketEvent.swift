/// What a `WebSocketParser` found: a whole message or a whole control frame.
public enum WebSocketEvent: Hashable, Sendable {
    /// All fragments joined and inflated. Where `isText`, the payload is valid UTF-8.
    case message(isText: Bool, payload: [UInt8])
    /// To be answered by a pong with the same payload.
    case ping([UInt8])
    /// The answer to a ping, or a heart-beat of the peer's own.
    case pong([UInt8])
    /// The last event of a connection; to be answered by a close frame unless one was sent. The
    /// code is nil where the frame was empty.
    case close(code: WebSocketCloseCode?, reason: String)
}
