import Engine
import Synchronization

/// What a node says to the world outside, in the order in which it says it. The world looks after
/// every step.
final class Mailbox: Sendable {
    enum Parcel: Sendable {
        /// To the hub.
        case call(HubCall)
        /// To Redis.
        case wire(RedisWireRequest)
        /// To the client at the other end of a connection.
        case frames([Frame], slot: UInt32)
        /// The node closed a connection.
        case closed(slot: UInt32)
        /// Somebody waits for something that takes its time.
        case wait(CheckedContinuation<Void, Never>)
        /// A page that was asked for without a session.
        case page(Result<SnapshotPage, BrokerError>, client: Int, request: Int)
        /// Who is in a room; nil where that could not be told.
        case members(Attendance?, client: Int, request: Int)
        /// So many bytes still wait for a slow reader after what could be sent was sent.
        case overflow(Int, slot: UInt32)
    }

    private let parcels = Mutex<[Parcel]>([])

    func post(_ parcel: Parcel) {
        parcels.withLock { $0.append(parcel) }
    }

    /// Takes everything out.
    func empty() -> [Parcel] {
        parcels.withLock { $0.isEmpty ? [] : exchange(&$0, with: []) }
    }
}
