import Engine

/// What a client sends over its connection.
enum Request: Sendable {
    case publish(PublishRequest)
    case subscribe(SubscribeRequest)
    case unsubscribe(id: String, receipt: String)
    case begin(String)
    case commit(String, receipt: String)
    case disconnect(receipt: String)

    /// Hands the request to a session that is ready for it.
    func perform(in session: isolated Session) {
        switch self {
        case .publish(let request): session.publish(request)
        case .subscribe(let request): session.subscribe(request)
        case .unsubscribe(let id, let receipt): session.unsubscribe(id, receipt: receipt)
        case .begin(let name): session.begin(name, receipt: nil)
        case .commit(let name, let receipt): session.commit(name, receipt: receipt)
        case .disconnect(let receipt): session.disconnect(receipt: receipt)
        }
    }
}

/// What a node sends over a connection.
enum Frame: Sendable {
    case event(SessionEvent)
    /// What a room brings its members.
    case message(Publication, SubscriptionWire)
    /// The connection is about to be closed, for this reason.
    case farewell(Refusal)

    /// What it takes of an outbox.
    var byteCount: Int {
        switch self {
        case .event(.replay(let publications, _)):
            publications.reduce(0) { $0 + $1.body.count + Self.headBytes }
        case .message(let publication, _): publication.body.count + Self.headBytes
        case .event, .farewell: Self.headBytes
        }
    }

    private static let headBytes = 200
}

/// A page of a room's newest messages, and the position that it is true for.
struct SnapshotPage: Sendable {
    let publications: [Publication]
    let position: Position
}
