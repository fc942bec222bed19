/// How much of what a returning subscriber missed it was given.
public enum Resume: String, Sendable {
    /// Everything.
    case complete
    /// What is left: history no longer reaches back to its position.
    case gap
    /// Nothing: its position belongs to another epoch.
    case reset
}

/// What a session tells its client.
public enum SessionEvent: Sendable {
    /// A request that asked for a receipt was done.
    case receipt(id: String)
    /// A publication is stored (where its stream keeps anything).
    case published(receipt: String, Appended)
    /// A subscription has caught up: live messages follow.
    case subscribed(receipt: String, position: Position, Resume)
    /// Publications from history, in order.
    case replay([Publication], SubscriptionWire)
    /// A request was refused. `queue` is the subscription that hears of it while the session goes
    /// on; nil: the session ends.
    case refused(Refusal, receipt: String?, queue: SubscriptionWire?)
    /// A subscription was ended since its user may have it no more; nothing of it follows. `queue`
    /// is the one that hears of it while the session goes on; nil: the session ends.
    case withdrawn(id: String, destination: String, Refusal, queue: SubscriptionWire?)
    /// The client's goodbye was carried out.
    case disconnected(receipt: String?)
    /// The session has room for more requests: read on.
    case readable
}
