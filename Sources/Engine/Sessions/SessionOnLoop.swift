/// What runs on the session's own loop asks of it without waiting, as often as there are messages.
///
/// The conformance lets it be called from there; the runtime checks each time that it is. That is
/// what `assumeIsolated` does, too, but for two closures on the heap.
package protocol SessionOnLoop: AnyObject, Sendable {
    var isReady: Bool { get }
    func publish(_ request: PublishRequest)
    func settle(
        _ result: Result<Appended, BrokerError>, receipt: String?, commit: CommitNumber?)
}

extension Session: @preconcurrency SessionOnLoop {
    /// The session, for what runs on its loop.
    package nonisolated var onLoop: any SessionOnLoop { self }
}
