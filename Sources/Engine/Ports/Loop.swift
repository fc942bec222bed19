/// A thread of execution that the engine's actors are pinned to: in production an event loop, in the
/// simulation a queue whose jobs a seed puts in order.
public protocol Loop: SerialExecutor {
    /// Whether the caller runs on this loop.
    var isCurrent: Bool { get }

    /// Runs `work` on this loop, after everything the caller's thread posted to it before. Never
    /// runs it within the call, not even on the loop itself.
    func post(_ work: @escaping @Sendable () -> Void)

    /// Runs `work` on this loop once `delayMs` milliseconds have passed, give or take the loop's
    /// granularity. It can't be cancelled: check on arrival whether it still matters.
    func schedule(afterMs delayMs: Int64, _ work: @escaping @Sendable () -> Void)
}

/// A connection on one loop. The generation tells it from later users of the same slot.
public struct Endpoint: Hashable, Sendable {
    public let slot: UInt32
    public let generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// The number of a room's life on this node. Loops find their half of the room by it.
public struct RoomKey: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// The connections that live on one loop, as the engine sees them.
public protocol Outlet: AnyObject, Sendable {
    /// The loop, from 0.
    var index: Int { get }
    var loop: any Loop { get }

    /// Sends publications to every member the room has here. Callable from any thread; ordered with
    /// the caller's posts to the loop.
    func deliver(_ publications: [Publication], in room: RoomKey)

    /// Adds a subscription to what `deliver` reaches. On the loop only.
    func join(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint)

    /// Takes it out again. On the loop only.
    func leave(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint)

    /// Ends the subscriptions a room has here: its stream was lost, and clients come back by
    /// resuming. Callable from any thread; ordered like `deliver`.
    func interrupt(_ room: RoomKey)

    /// Whether so much waits to be sent that more history should wait for
    /// `Session.drained()`. On the loop only.
    func isCongested(_ endpoint: Endpoint) -> Bool

    /// Tells the client something. Ignored where the connection is gone. On the loop only.
    func send(_ event: SessionEvent, to endpoint: Endpoint)
}

/// What of a subscription shows in each of its messages.
public struct SubscriptionWire: Hashable, Sendable {
    /// The client's own name for it, unique in its session.
    public let id: String
    /// The destination as the client subscribed to it.
    public let destination: String
    /// Whether each message carries what the client needs to acknowledge it.
    public let isAcknowledged: Bool
    public let epoch: Epoch

    public init(id: String, destination: String, isAcknowledged: Bool, epoch: Epoch) {
        self.id = id
        self.destination = destination
        self.isAcknowledged = isAcknowledged
        self.epoch = epoch
    }
}

/// How much of what a returning subscriber missed it was given.
public enum Resume: String, Sendable {
    /// Everything.
    case complete
    /// What is left: history no longer reaches back to its position.
    case gap
    /// Nothing: its position belongs to another epoch.
    case reset
}

/// What a session tells its client.
public enum SessionEvent: Sendable {
    /// A request that asked for a receipt was done.
    case receipt(id: String)
    /// A publication is stored (where its stream keeps anything).
    case published(receipt: String, Appended)
    /// A subscription has caught up: live messages follow.
    case subscribed(receipt: String, position: Position, Resume)
    /// Publications from history, in order.
    case replay([Publication], SubscriptionWire)
    /// A request was refused. `queue` is the subscription that hears of it while the session goes
    /// on; nil: the session ends.
    case refused(Refusal, receipt: String?, queue: SubscriptionWire?)
    /// The client's goodbye was carried out.
    case disconnected(receipt: String?)
    /// The session has room for more requests: read on.
    case readable
}
