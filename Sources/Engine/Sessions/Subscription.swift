/// One of a session's subscriptions and how far it has come.
struct Subscription: Sendable {
    /// Tells it from earlier and later ones with the same id.
    let number: UInt32
    /// The client's name for it.
    let id: String
    var state: State

    enum State: Sendable {
        /// The session's error queue.
        case errors(SubscriptionWire)
        /// Waits for the room's next answer.
        case joining(Room, SubscribeRequest)
        /// Goes on once the client has taken what is on its way.
        case paused(Room, SubscribeRequest, JoinRequest.Progress)
        case live(Room, SubscriptionWire)
    }
}

extension SubscriptionWire {
    /// What the messages of this subscription carry, in the stream's present epoch.
    init(_ request: SubscribeRequest, epoch: Epoch) {
        self.init(
            id: request.id, destination: request.destination,
            isAcknowledged: request.isAcknowledged, epoch: epoch)
    }
}
