/// The protocols that clients speak.
enum Wire: String, CaseIterable, Sendable {
    /// STOMP in WebSocket messages.
    case stomp
    /// WebSocket messages that are bodies and nothing else.
    case webSocket = "websocket"
    /// Server-Sent Events over HTTP.
    case sse
    /// Publishing by HTTP POST.
    case post

    /// Whether a published message can be acknowledged.
    var hasReceipts: Bool {
        switch self {
        case .stomp, .post: true
        case .webSocket, .sse: false
        }
    }

    /// Whether a client that listens can publish, too.
    var canPublish: Bool {
        switch self {
        case .stomp, .webSocket, .post: true
        case .sse: false
        }
    }

    /// Whether a client can ask its server for a sign of life.
    var answersProbes: Bool {
        switch self {
        case .stomp, .webSocket: true
        case .sse, .post: false
        }
    }

    /// A client's side of the protocol.
    func dialogue(_ task: DialogueTask) -> any Dialogue {
        switch self {
        case .stomp: STOMPDialogue(task)
        case .webSocket: WebSocketDialogue(task)
        case .sse: SSEDialogue(task)
        case .post: PostDialogue(task)
        }
    }
}

/// What stands before `://` in the URL of a server.
enum Scheme: String, CaseIterable, Sendable {
    case ws, http

    /// Where the URL names no port.
    var port: UInt16 {
        switch self {
        case .ws, .http: 80
        }
    }

    /// The protocols that members of rooms may speak there, the usual one first.
    var wires: [Wire] {
        switch self {
        case .ws: [.stomp, .webSocket]
        case .http: [.sse]
        }
    }

    /// What publishers speak there, beside members who speak `wire` elsewhere.
    func publishingWire(beside wire: Wire) -> Wire {
        switch self {
        case .ws: wire == .webSocket ? .webSocket : .stomp
        case .http: .post
        }
    }
}
