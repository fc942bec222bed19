import Engine

/// The bounds and deadlines of a connection.
public struct ConnectionLimits: Sendable, Hashable {
    /// Bytes that may wait for a peer; beyond it, it is a slow consumer and is closed.
    public var outboxBytesMax: Int
    /// From the first moment to a complete request, and from the upgrade to CONNECT, in milliseconds.
    public var handshakeMs: Int64
    /// Without a byte from the peer, in milliseconds. Half of it after the last one, a WebSocket is
    /// pinged.
    public var idleMs: Int64
    public var http: HTTPLimits
    public var stomp: STOMPLimits

    public init(
        outboxBytesMax: Int = 1_048_576, handshakeMs: Int64 = 10_000, idleMs: Int64 = 60_000,
        http: HTTPLimits = HTTPLimits(), stomp: STOMPLimits = STOMPLimits()
    ) {
        self.outboxBytesMax = outboxBytesMax
        self.handshakeMs = handshakeMs
        self.idleMs = idleMs
        self.http = http
        self.stomp = stomp
    }
}

/// What a listening socket offers, and who answers.
public final class Service: Sendable {
    public enum Offer: Sendable {
        /// HTTP, and WebSocket where a path is served by one.
        case http(any HTTPResponder, webSockets: [String: WebSocketEndpoint])
        /// STOMP from the first byte.
        case stomp(Community)
    }

    let offer: Offer
    let census: Census

    public init(_ offer: Offer, census: Census) {
        self.offer = offer
        self.census = census
    }

    /// The conversation a fresh connection begins with.
    func begin(_ endpoint: Endpoint, _ peerHost: String, on reactor: isolated Reactor)
        -> any Conversation
    {
        switch offer {
        case .http(let responder, let webSockets):
            HTTPConversation(
                responder: responder, webSockets: webSockets, limits: reactor.limits,
                nowMs: reactor.nowMs)
        case .stomp(let community):
            STOMPConversation(
                community: community, endpoint: endpoint, peerHost: peerHost,
                limits: reactor.limits, nowMs: reactor.nowMs)
        }
    }
}

/// What is spoken over a WebSocket.
public enum WebSocketEndpoint: Sendable {
    /// STOMP, for pages of the origins that the policy admits.
    case stomp(Community, OriginPolicy)
    /// Every message comes back as it is; for conformance tests of the transport.
    case echo(messageBytesMax: Int)

    var subprotocols: [String] {
        switch self {
        case .stomp: STOMPVersion.allCases.reversed().map(\.subprotocol)
        case .echo: []
        }
    }

    func messageBytesMax(_ limits: ConnectionLimits) -> Int {
        switch self {
        // Room for one frame of the largest size; smaller ones may share a message.
        case .stomp: limits.stomp.headBytesMax + limits.stomp.bodyBytesMax + 2
        case .echo(let messageBytesMax): messageBytesMax
        }
    }

    func admits(_ head: HTTPRequestHead) -> Bool {
        switch self {
        case .stomp(_, let policy): policy.admits(head)
        case .echo: true
        }
    }
}

/// Answers HTTP requests.
public protocol HTTPResponder: Sendable {
    /// Runs off the event loops.
    @concurrent func respond(to request: HTTPRequest) async -> HTTPResponse
}

/// A whole request.
public struct HTTPRequest: Sendable {
    public let head: HTTPRequestHead
    public let body: [UInt8]
    /// The peer's address as the kernel saw it.
    public let peerHost: String

    public init(head: HTTPRequestHead, body: [UInt8], peerHost: String) {
        self.head = head
        self.body = body
        self.peerHost = peerHost
    }
}
