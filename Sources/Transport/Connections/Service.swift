import Engine

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
    func begin(_ peerHost: String, on reactor: isolated Reactor) -> any Conversation {
        switch offer {
        case .http(let responder, let webSockets):
            HTTPConversation(
                responder: responder, webSockets: webSockets, limits: reactor.limits,
                nowMs: reactor.nowMs)
        case .stomp(let community):
            STOMPConversation(
                community: community, clientAddress: peerHost,
                deadlineMs: reactor.nowMs + reactor.limits.handshakeMs)
        }
    }
}
