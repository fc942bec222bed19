import Engine
import Synchronization
import TestSupport

/// A broker with a network in front: answers to reads and attaches arrive later than what they say
/// was true, and announcements can be lost.
final class FaultyBroker: Broker {
    private struct Faults {
        var losesAnnouncements = false
        var attachCount = 0
    }

    let inner: InMemoryBroker
    private let answer: Schedule
    private let faults = Mutex(Faults())

    init(_ inner: InMemoryBroker, answering answer: @escaping Schedule) {
        self.inner = inner
        self.answer = answer
    }

    /// What everything fails with; nil: nothing does.
    var failing: BrokerError? {
        get { inner.failing }
        set { inner.failing = newValue }
    }

    /// Whether announcements get lost from now on.
    var losesAnnouncements: Bool {
        get { faults.withLock { $0.losesAnnouncements } }
        set { faults.withLock { $0.losesAnnouncements = newValue } }
    }

    /// How often a room attached itself.
    var attachCount: Int { faults.withLock { $0.attachCount } }

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        faults.withLock { $0.attachCount += 1 }
        return try await inner.attach(
            LossyListener(listener, self), to: stream, keeping: retention)
    }

    func detach(_ stream: StreamName) {
        inner.detach(stream)
    }

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        inner.append(draft, to: stream, keeping: retention, reply: reply)
    }

    func read(
        _ stream: StreamName, after offset: UInt64, limit: Int, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        let page = try await inner.read(stream, after: offset, limit: limit, keeping: retention)
        await withCheckedContinuation { continuation in answer { continuation.resume() } }
        return page
    }

    private final class LossyListener: StreamListener {
        private let listener: any StreamListener
        private let broker: FaultyBroker

        init(_ listener: any StreamListener, _ broker: FaultyBroker) {
            self.listener = listener
            self.broker = broker
        }

        func announced(_ publications: [Publication], epoch: Epoch) {
            guard !broker.losesAnnouncements else { return }
            listener.announced(publications, epoch: epoch)
        }
    }
}
