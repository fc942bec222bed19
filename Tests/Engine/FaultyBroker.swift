import Engine
import Synchronization
import TestSupport

/// A broker with a network in front: answers to reads and attaches arrive later than what they say
/// was true, and announcements can be lost.
final class FaultyBroker: Broker {
    private struct Faults {
        var dropsAnnouncements = false
        /// One for each time a room attached itself.
        var listeners: [any StreamListener] = []
        var readCount = 0
        var topsAsked: [[String]] = []
        var answersOnTheirWay = 0
        var holdsAnswers = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let inner: InMemoryBroker
    let losesAnnouncements: Bool
    private let answer: Schedule
    private let faults = Mutex(Faults())

    /// `losesAnnouncements` is what the broker says of itself.
    init(
        _ inner: InMemoryBroker, losesAnnouncements: Bool = false,
        answering answer: @escaping Schedule
    ) {
        self.inner = inner
        self.losesAnnouncements = losesAnnouncements
        self.answer = answer
    }

    /// What everything fails with; nil: nothing does.
    var failing: BrokerError? {
        get { inner.failing }
        set { inner.failing = newValue }
    }

    /// Whether announcements get lost from now on.
    var dropsAnnouncements: Bool {
        get { faults.withLock { $0.dropsAnnouncements } }
        set { faults.withLock { $0.dropsAnnouncements = newValue } }
    }

    /// How often a room attached itself.
    var attachCount: Int { faults.withLock { $0.listeners.count } }

    /// Announces something that nobody appended to the listener of an attachment.
    func announce(_ texts: [String], from offset: UInt64, epoch: Epoch, to attachment: Int) {
        let publications = texts.enumerated().map { number, text in
            Publication(
                offset: offset + UInt64(number), sender: .server, senderName: "",
                contentType: "", body: Array(text.utf8), timestampMs: 0)
        }
        faults.withLock { $0.listeners[attachment] }.announced(publications, epoch: epoch)
    }

    /// How often the log was asked for a range.
    var readCount: Int { faults.withLock { $0.readCount } }

    /// The streams whose tops were asked for, each time.
    var topsAsked: [[String]] { faults.withLock { $0.topsAsked } }

    /// Ranges that were read and have not reached who asked.
    var answersOnTheirWay: Int { faults.withLock { $0.answersOnTheirWay } }

    /// Whether ranges that were read stay on their way.
    var holdsAnswers: Bool {
        get { faults.withLock { $0.holdsAnswers } }
        set {
            let held = faults.withLock { faults in
                faults.holdsAnswers = newValue
                return newValue ? [] : exchange(&faults.held, with: [])
            }
            for continuation in held { answer { continuation.resume() } }
        }
    }

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        faults.withLock { $0.listeners.append(listener) }
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
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        faults.withLock { $0.readCount += 1 }
        let page = try await inner.read(
            stream, after: offset, atMost: limit, keeping: retention)
        faults.withLock { $0.answersOnTheirWay += 1 }
        await withCheckedContinuation { continuation in
            answer { self.pass(continuation) }
        }
        faults.withLock { $0.answersOnTheirWay -= 1 }
        return page
    }

    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        faults.withLock { $0.topsAsked.append(streams.map(\.text)) }
        return try await inner.tops(of: streams, keeping: retention)
    }

    func enter(_ member: Member, _ stream: StreamName) {
        inner.enter(member, stream)
    }

    func leave(_ user: UserID, _ stream: StreamName) {
        inner.leave(user, stream)
    }

    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        try await inner.attendance(of: stream)
    }

    /// Lets an answer arrive, unless answers are held.
    private func pass(_ continuation: CheckedContinuation<Void, Never>) {
        let isHeld = faults.withLock { faults in
            if faults.holdsAnswers { faults.held.append(continuation) }
            return faults.holdsAnswers
        }
        if !isHeld { continuation.resume() }
    }

    private final class LossyListener: StreamListener {
        private let listener: any StreamListener
        private let broker: FaultyBroker

        init(_ listener: any StreamListener, _ broker: FaultyBroker) {
            self.listener = listener
            self.broker = broker
        }

        func announced(_ publications: [Publication], epoch: Epoch) {
            guard !broker.dropsAnnouncements else { return }
            listener.announced(publications, epoch: epoch)
        }
    }
}
