/// A connection on one loop. The generation tells it from later users of the same slot.
public struct Endpoint: Hashable, Sendable {
    public let slot: UInt32
    public let generation: UInt32

    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// The number of a room's life on this node, and what loops must know of the room. They find their
/// half of it by this.
public struct RoomKey: Hashable, Sendable {
    public let rawValue: UInt64
    /// As of `RoomPolicy`.
    public let isEphemeral: Bool

    public init(rawValue: UInt64, isEphemeral: Bool = false) {
        self.rawValue = rawValue
        self.isEphemeral = isEphemeral
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

    /// Whether it can't keep up with what it was given to deliver: its rooms take no more until it has
    /// caught up. Callable from any thread.
    var isFarBehind: Bool { get }

    /// Adds a subscription to what `deliver` reaches. Returns one equal to it that all such
    /// subscriptions of the room share here, to be kept in its place. On the loop only.
    func join(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) -> SubscriptionWire

    /// Takes it out again. On the loop only.
    func leave(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint)

    /// Ends the subscriptions a room has here: its stream was lost, and clients come back by
    /// resuming. Callable from any thread; ordered like `deliver`.
    func interrupt(_ room: RoomKey)

    /// Lets the sessions that a room has here ask anew what they may: it may be there no more.
    /// Callable from any thread; ordered like `deliver`.
    func verify(_ room: RoomKey)

    /// Whether so much waits to be sent that more history should wait for
    /// `Session.drained()`. On the loop only.
    func isCongested(_ endpoint: Endpoint) -> Bool

    /// Tells the client something. Ignored where the connection is gone. On the loop only.
    func send(_ event: SessionEvent, to endpoint: Endpoint)

    /// Keeps the loop running until `release`, though its last connection is gone: something that a
    /// session has promised is still being done. On the loop only.
    func hold()

    /// Takes back one `hold`. On the loop only.
    func release()
}

extension Outlet {
    public var isFarBehind: Bool { false }
}

/// What of a subscription shows in each of its messages.
///
/// A class, since many members of a room have equal ones and share one of them.
public final class SubscriptionWire: Hashable, Sendable {
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

    public static func == (left: SubscriptionWire, right: SubscriptionWire) -> Bool {
        left === right
            || left.id.utf8.elementsEqual(right.id.utf8)
                && left.destination.utf8.elementsEqual(right.destination.utf8)
                && left.isAcknowledged == right.isAcknowledged && left.epoch == right.epoch
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(id)
        hasher.combine(destination)
        hasher.combine(isAcknowledged)
        hasher.combine(epoch)
    }
}
