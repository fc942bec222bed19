import Transport

/// Why a connection ended, or never began.
enum ClientFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case system(SystemError)
    /// The server did not open a WebSocket or a stream.
    case notOpened(String)
    /// What the server sent is none of the protocol.
    case brokenProtocol(String)
    /// An ERROR frame: its `message` header.
    case refused(String)
    /// A close frame.
    case closed(WebSocketCloseCode?)
    /// The connection ended without a word.
    case disconnected
    /// Nothing came for as long as the program is willing to wait.
    case timedOut(String)
    /// The server's process is gone, and what it used with it.
    case serverEnded
    /// Somebody asked the program to end before it could measure anything.
    case stopped(String)

    var description: String {
        switch self {
        case .system(let error): error.description
        case .notOpened(let reason): "not opened: \(reason)"
        case .brokenProtocol(let reason): "the server breaks the protocol: \(reason)"
        case .refused("too-fast"):
            "refused: too-fast (petnexus serve --publishes-per-second-max 0 lifts the bound)"
        case .refused(let code): "refused: \(code)"
        case .closed(let code?): "closed by the server with \(code.rawValue)"
        case .closed(nil): "closed by the server"
        case .disconnected: "disconnected"
        case .timedOut(let waitedFor): "timed out: \(waitedFor)"
        case .serverEnded: "the server's process ended"
        case .stopped(let progress): "stopped when \(progress)"
        }
    }
}
