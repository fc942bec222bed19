/// The bounds on what one session may hold of the engine.
public struct SessionLimits: Sendable, Hashable {
    /// Subscriptions at a time.
    public var subscriptionsMax: Int
    /// Of these, to one destination: a message costs as many deliveries.
    public var subscriptionsPerDestinationMax: Int
    /// Subscriptions that wait for their rooms; the others wait for these. A room may have to read
    /// history for each, even where the client has unsubscribed meanwhile.
    public var joinsMax: Int
    /// Bytes of a subscription's id and of a transaction's name, which the session keeps.
    public var nameBytesMax: Int
    /// Publishes that are not stored yet; beyond it the session is not read.
    public var unacknowledgedMax: Int
    /// Messages that a SUBSCRIBE may ask back with `history`.
    public var historyMax: Int
    /// Open transactions, each holding at most `unacknowledgedMax` messages.
    public var transactionsMax: Int
    /// Bodies held back by open transactions, in bytes.
    public var transactionBytesMax: Int
    /// What one user may publish in a second over all sessions of the node; 0: without bound.
    public var publishesPerSecondMax: Int

    public init(
        subscriptionsMax: Int = 256, subscriptionsPerDestinationMax: Int = 8, joinsMax: Int = 8,
        nameBytesMax: Int = 255, unacknowledgedMax: Int = 64, historyMax: Int = 1_000,
        transactionsMax: Int = 8, transactionBytesMax: Int = 1_048_576,
        publishesPerSecondMax: Int = 0
    ) {
        self.subscriptionsMax = subscriptionsMax
        self.subscriptionsPerDestinationMax = subscriptionsPerDestinationMax
        self.joinsMax = joinsMax
        self.nameBytesMax = nameBytesMax
        self.unacknowledgedMax = unacknowledgedMax
        self.historyMax = historyMax
        self.transactionsMax = transactionsMax
        self.transactionBytesMax = transactionBytesMax
        self.publishesPerSecondMax = publishesPerSecondMax
    }
}
