import Engine
import Synchronization

/// A broker at which the path of a publication ends: it takes drafts in and does nothing with them.
///
/// It replies until it is told not to, so that a session finds its way before it is measured.
final class RoutingBroker: Broker {
    private let replies = Atomic(true)
    private let count = Atomic(0)

    /// Drafts that came.
    var appendCount: Int { count.load(ordering: .relaxed) }

    /// Replies to nothing from here on.
    func fallSilent() {
        replies.store(false, ordering: .relaxed)
    }

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        StreamPage(epoch: Epoch(rawValue: 1), publications: [], floor: 1, top: 0)
    }

    func detach(_ stream: StreamName) {}

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        count.wrappingAdd(1, ordering: .relaxed)
        guard replies.load(ordering: .relaxed) else { return }
        let position = Position(epoch: Epoch(rawValue: 1), offset: 1)
        reply(.success(Appended(position: position, isDuplicate: false)))
    }

    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        StreamPage(epoch: Epoch(rawValue: 1), publications: [], floor: 1, top: 0)
    }
    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        streams.map { _ in
            StreamTop(epoch: Epoch(rawValue: 1), top: 0, floor: 1, newest: nil)
        }
    }

    func enter(_ member: Member, _ stream: StreamName) {}

    func leave(_ user: UserID, _ stream: StreamName) {}

    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        Attendance(members: [], position: Position(epoch: Epoch(rawValue: 1), offset: 0))
    }

    var losesAnnouncements: Bool { false }
}
