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
    /// NATS's own lines over TCP.
    case nats
    /// MQTT 3.1.1 over TCP.
    case mqtt

    /// Whether a published message can be acknowledged.
    var hasReceipts: Bool {
        switch self {
        case .stomp, .post: true
        case .webSocket, .sse, .nats, .mqtt: false
        }
    }

    /// Whether a client that listens can publish, too.
    var canPublish: Bool {
        switch self {
        case .stomp, .webSocket, .post, .nats, .mqtt: true
        case .sse: false
        }
    }

    /// Whether a client can ask its server for a sign of life.
    var answersProbes: Bool {
        switch self {
        case .stomp, .webSocket, .nats, .mqtt: true
        case .sse, .post: false
        }
    }

    /// The bytes that a name, a secret or a destination may have; nil: as many as it likes.
    var textBytesMax: Int? {
        switch self {
        case .mqtt: MQTTDialogue.textBytesMax
        case .stomp, .webSocket, .sse, .post, .nats: nil
        }
    }

    /// A client's side of the protocol.
    func dialogue(_ task: DialogueTask) -> any Dialogue {
        switch self {
        case .stomp: STOMPDialogue(task)
        case .webSocket: WebSocketDialogue(task)
        case .sse: SSEDialogue(task)
        case .post: PostDialogue(task)
        case .nats: NATSDialogue(task)
        case .mqtt: MQTTDialogue(task)
        }
    }
}

/// What stands before `://` in the URL of a server.
enum Scheme: String, CaseIterable, Sendable {
    case ws, http, nats, mqtt

    /// Where the URL names no port.
    var port: UInt16 {
        switch self {
        case .ws, .http: 80
        case .nats: 4_222
        case .mqtt: 1_883
        }
    }

    /// The protocols that members of rooms may speak there, the usual one first.
    var wires: [Wire] {
        switch self {
        case .ws: [.stomp, .webSocket]
        case .http: [.sse]
        case .nats: [.nats]
        case .mqtt: [.mqtt]
        }
    }

    /// What publishers speak there, beside members who speak `wire` elsewhere.
    func publishingWire(beside wire: Wire) -> Wire {
        switch self {
        case .ws: wire == .webSocket ? .webSocket : .stomp
        case .http: .post
        case .nats: .nats
        case .mqtt: .mqtt
        }
    }
}
