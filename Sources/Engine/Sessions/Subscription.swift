/// One of a session's subscriptions and how far it has come.
struct Subscription: Sendable {
    /// Tells it from earlier and later ones with the same id.
    let number: UInt32
    var state: State

    /// What is left of a subscription once it is live is small, and there is one of it for every
    /// member of every room; what the way there needs has boxes of its own.
    enum State: Sendable {
        /// The session's error queue.
        case errors(SubscriptionWire)
        /// Waits for the room's next answer.
        indirect case joining(Room, SubscribeRequest)
        /// Goes on once the client has taken what is on its way.
        indirect case paused(Room, SubscribeRequest, JoinRequest.Progress)
        case live(Room, SubscriptionWire)
    }

    /// Whether its messages carry what the client needs to acknowledge them.
    var isAcknowledged: Bool {
        switch state {
        case .errors: false
        case .live(_, let wire): wire.isAcknowledged
        case .joining(_, let request), .paused(_, let request, _): request.isAcknowledged
        }
    }

    /// The client's name for it.
    var id: String {
        switch state {
        case .errors(let wire), .live(_, let wire): wire.id
        case .joining(_, let request), .paused(_, let request, _): request.id
        }
    }

    /// The destination as the client subscribed to it.
    var destination: String {
        switch state {
        case .errors(let wire), .live(_, let wire): wire.destination
        case .joining(_, let request), .paused(_, let request, _): request.destination
        }
    }

    /// Whether it is the session's error queue.
    var isErrorQueue: Bool {
        if case .errors = state { true } else { false }
    }
}

/// What a session remembers of a subscription that its user may have no more.
struct WithdrawnSubscription: Sendable {
    let number: UInt32
    let id: String
}

extension SubscriptionWire {
    /// What the messages of this subscription carry, in the stream's present epoch.
    convenience init(_ request: SubscribeRequest, epoch: Epoch) {
        self.init(
            id: request.id, destination: request.destination,
            isAcknowledged: request.isAcknowledged, epoch: epoch)
    }
}
