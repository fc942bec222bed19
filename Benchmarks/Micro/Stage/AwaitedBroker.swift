import Dispatch
import Engine

/// Another broker whose replies can be waited for, so that a benchmark's tick begins when all that
/// it has to do is there. What waiting needs is not counted.
struct AwaitedBroker: Broker {
    private typealias Reply = @Sendable (Result<Appended, BrokerError>) -> Void

    private let broker: any Broker
    private let replies = DispatchSemaphore(value: 0)

    init(_ broker: any Broker) {
        self.broker = broker
    }

    /// Returns after so many more replies than before; announcements come before them.
    func awaitReplies(_ count: Int) {
        for _ in 0..<count { replies.wait() }
    }

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await broker.attach(listener, to: stream, keeping: retention)
    }

    func detach(_ stream: StreamName) {
        broker.detach(stream)
    }

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        let awaited = Work.uncounted { signalling(after: reply) }
        broker.append(draft, to: stream, keeping: retention, reply: awaited)
    }

    private func signalling(after reply: @escaping Reply) -> Reply {
        let replies = replies
        return { result in
            reply(result)
            replies.signal()
        }
    }

    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await broker.read(stream, after: offset, atMost: limit, keeping: retention)
    }
    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        try await broker.tops(of: streams, keeping: retention)
    }

    func enter(_ member: Member, _ stream: StreamName) {
        broker.enter(member, stream)
    }

    func leave(_ user: UserID, _ stream: StreamName) {
        broker.leave(user, stream)
    }

    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        try await broker.attendance(of: stream)
    }

    var losesAnnouncements: Bool { broker.losesAnnouncements }
}
