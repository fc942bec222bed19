import Engine

/// What is spoken over a WebSocket.
public enum WebSocketEndpoint: Sendable {
    case stomp(STOMPEndpoint)
    case messages(MessageEndpoint)

    var subprotocols: [String] {
        switch self {
        case .stomp: STOMPVersion.allCases.reversed().map(\.subprotocol)
        case .messages: []
        }
    }

    func messageBytesMax(_ limits: ConnectionLimits) -> Int {
        switch self {
        // Room for one frame of the largest size; smaller ones may share a message.
        case .stomp: limits.stomp.headBytesMax + limits.stomp.bodyBytesMax + 2
        case .messages(let endpoint): endpoint.bytesMax
        }
    }

    func admits(_ head: HTTPRequestHead) -> Bool {
        switch self {
        case .stomp(let endpoint): endpoint.origins.admits(head)
        case .messages: true
        }
    }
}

/// STOMP for web pages.
public struct STOMPEndpoint: Sendable {
    let community: Community
    let origins: OriginPolicy
    /// Where a client is, from its request and the peer that sent it: proxies have peers of their
    /// own.
    let clientAddress: @Sendable (_ head: HTTPRequestHead, _ peerHost: String) -> String

    public init(
        community: Community, origins: OriginPolicy,
        clientAddress: @escaping @Sendable (HTTPRequestHead, String) -> String
    ) {
        self.community = community
        self.origins = origins
        self.clientAddress = clientAddress
    }
}

/// Messages that are answered one by one.
public struct MessageEndpoint: Sendable {
    let bytesMax: Int
    let answer: @Sendable (_ payload: [UInt8], _ isText: Bool) -> [UInt8]

    /// `answer` makes a message of the same kind out of each that comes; it must return at once.
    public init(bytesMax: Int, answer: @escaping @Sendable ([UInt8], Bool) -> [UInt8]) {
        self.bytesMax = bytesMax
        self.answer = answer
    }
}
