import Transport

/// What a client says once its WebSocket is open.
enum Dialogue {
    /// Nothing: it listens.
    case none
    /// CONNECT, then SUBSCRIBE where there is a destination.
    case stomp(credentials: [(name: String, value: String)], subscribe: String?)

    /// The id of every client's one subscription: the same one, as most clients in the field do, so
    /// that a server can send the same bytes to all.
    static let subscription = "sub-0"
    /// The receipt that says that the subscription is live.
    static let subscribeReceipt = "subscribed"
    /// Sparse, so that the beats don't count beside the traffic.
    static let heartBeat = HeartBeat(sendMs: 30_000, expectMs: 30_000)

    /// The frame that opens a STOMP session; nil where none is spoken.
    func connectFrame(authority: String) -> STOMPFrame? {
        guard case .stomp(let credentials, _) = self else { return nil }
        return STOMPFrame(
            .connect,
            [
                ("accept-version", "1.2,1.1"), ("host", authority),
                ("heart-beat", Self.heartBeat.text),
            ] + credentials)
    }

    /// The frame that follows CONNECTED; nil where nothing is subscribed to.
    var subscribeFrame: STOMPFrame? {
        guard case .stomp(_, let destination?) = self else { return nil }
        return STOMPFrame(
            .subscribe,
            [
                ("id", Self.subscription), ("destination", destination), ("ack", "auto"),
                ("receipt", Self.subscribeReceipt),
            ])
    }
}

extension Credentials {
    /// The CONNECT headers of one connection.
    func headers(ofConnection index: Int) -> [(name: String, value: String)] {
        switch self {
        case .nothing: []
        case .login(let name, let passcode): [("login", name), ("passcode", passcode)]
        case .tokens(let tokens):
            [("Authorization", "Bearer " + tokens[index % tokens.count])]
        case .accounts:
            preconditionFailure("accounts are made, and their tokens used instead")
        }
    }
}
