/// The bounds on what one session may hold of the engine.
public struct SessionLimits: Sendable, Hashable {
    /// Subscriptions at a time.
    public var subscriptionsMax: Int
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
        subscriptionsMax: Int = 256, unacknowledgedMax: Int = 64, historyMax: Int = 1_000,
        transactionsMax: Int = 8, transactionBytesMax: Int = 1_048_576,
        publishesPerSecondMax: Int = 0
    ) {
        self.subscriptionsMax = subscriptionsMax
        self.unacknowledgedMax = unacknowledgedMax
        self.historyMax = historyMax
        self.transactionsMax = transactionsMax
        self.transactionBytesMax = transactionBytesMax
        self.publishesPerSecondMax = publishesPerSecondMax
    }
}
