/// What runs on the session's own loop asks of it without waiting, as often as there are messages.
///
/// The conformance lets it be called from there; the runtime checks each time that it is. That is
/// what `assumeIsolated` does, too, but for two closures on the heap.
package protocol SessionOnLoop: AnyObject, Sendable {
    /// Whether the session takes another request now.
    var isReady: Bool { get }

    /// Bytes of the messages that its transactions hold back.
    var heldBytes: Int { get }

    /// Publishes, or holds the message back for its transaction.
    func publish(_ request: PublishRequest)

    /// Takes note of what became of a publication, and tells the client.
    func settle(
        _ result: Result<Appended, BrokerError>, receipt: String?, commit: CommitNumber?)
}

extension Session: @preconcurrency SessionOnLoop {
    /// The session, for what runs on its loop.
    package nonisolated var onLoop: any SessionOnLoop { self }
}
