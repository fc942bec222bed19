import Engine
import Synchronization
import TestSupport
import Testing

@testable import App

struct HistoryTests {
    private static let room = RoomRoute(
        stream: StreamName("chat/1"), policy: RoomPolicy(retention: Retention(countMax: 100)),
        compose: { body, type in Content(body: body, type: type) })

    @Test func `a page is of one life of its stream, also where that is lost while it is read`()
        async throws
    {
        let broker = ReplacedBroker()
        let before = broker.brokers[0]
        for text in ["one", "two", "three"] { append(text, to: before) }
        append("anew", to: broker.brokers[1])
        let page = try await history(of: broker).page(of: Self.room, .after(3), limit: 10)
        #expect(page.messages.isEmpty)
        #expect(page.position == Position(epoch: Epoch(rawValue: 2), offset: 1))
    }

    private func history(of broker: any Broker) -> History {
        let outlet = RecordingOutlet(index: 0, loop: ManualLoop(clock: ManualClock()))
        return History(rooms: Rooms(broker: broker, outlets: [outlet], now: { 0 }))
    }

    private func append(_ text: String, to broker: InMemoryBroker) {
        let draft = Draft(
            sender: UserID(1), senderName: "Mina", contentType: "", body: Array(text.utf8),
            timestampMs: 0)
        broker.append(draft, to: Self.room.stream, keeping: Self.room.policy.retention) { _ in }
    }
}

/// A broker whose data is lost after the first read: from then on another one answers.
private final class ReplacedBroker: Broker {
    let brokers = (1...2).map { InMemoryBroker(epoch: Epoch(rawValue: $0), now: { 0 }) }
    private let readCount = Mutex(0)

    private var present: InMemoryBroker { brokers[readCount.withLock { $0 } == 0 ? 0 : 1] }

    var losesAnnouncements: Bool { false }

    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        let broker = present
        readCount.withLock { $0 += 1 }
        return try await broker.read(stream, after: offset, atMost: limit, keeping: retention)
    }

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await present.attach(listener, to: stream, keeping: retention)
    }

    func detach(_ stream: StreamName) { present.detach(stream) }

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        present.append(draft, to: stream, keeping: retention, reply: reply)
    }

    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        try await present.tops(of: streams, keeping: retention)
    }

    func enter(_ member: Member, _ stream: StreamName) { present.enter(member, stream) }

    func leave(_ user: UserID, _ stream: StreamName) { present.leave(user, stream) }

    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        try await present.attendance(of: stream)
    }
}
