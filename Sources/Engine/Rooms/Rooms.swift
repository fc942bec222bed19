import Synchronization

/// The rooms that are open on this node, each pinned to a loop by a hash of its name.
public final class Rooms: Sendable {
    public let broker: any Broker
    public let outlets: [any Outlet]
    /// How long somebody whose last subscription to a room went still counts as there, so that a
    /// reload shows to nobody.
    public let presenceGraceMs: Int64
    /// Milliseconds since 1970.
    public let now: @Sendable () -> Int64
    private let watches: [TopWatch]
    private let open = Mutex(Open())
    private let roomsMax: Int
    /// Of all rooms' newest publications, which they keep in memory.
    private let recentBytes = Atomic<Int>(0)
    private let recentBytesMax: Int

    /// Counts the times that rooms were closed for good.
    private let closings = Atomic<UInt64>(0)

    private struct Open {
        var rooms: [StreamName: Room] = [:]
        var keyLast: UInt64 = 0
    }

    /// When trying again makes sense for who found too many rooms open: idle ones close by
    /// themselves.
    private static let retryAfterMs: Int64 = 5_000

    /// No more than `roomsMax` rooms are open at a time, and what they keep in memory of their streams
    /// comes to `recentBytesMax` together, beyond which a room that hears something keeps none.
    public init(
        broker: any Broker, outlets: [any Outlet], roomsMax: Int = .max,
        recentBytesMax: Int = 256 * 1_024 * 1_024, presenceGraceMs: Int64 = 5_000,
        now: @escaping @Sendable () -> Int64
    ) {
        precondition(!outlets.isEmpty, "rooms live on at least one loop")
        self.roomsMax = roomsMax
        self.recentBytesMax = recentBytesMax
        self.broker = broker
        self.outlets = outlets
        self.presenceGraceMs = presenceGraceMs
        self.now = now
        watches =
            broker.losesAnnouncements
            ? outlets.map { TopWatch(of: $0.loop, asking: broker) } : []
    }

    /// What looks after the rooms of a loop; nil where announcements can't get lost.
    func watch(on loop: any Loop) -> TopWatch? {
        watches.first { $0.loop === loop }
    }

    /// The room of a stream; opened where it wasn't, unless as many are open as may be.
    public func room(named name: StreamName, policy: RoomPolicy) throws(Refusal) -> Room {
        let (room, isNew) = try open.withLock { open throws(Refusal) in
            if let room = open.rooms[name] { return (room, false) }
            guard open.rooms.count < roomsMax else {
                throw Refusal(
                    .tooFast, "as many rooms are open as may be", retryAfterMs: Self.retryAfterMs)
            }
            open.keyLast += 1
            let home = outlets[Int(name.stableHash % UInt64(outlets.count))]
            let room = Room(
                name: name,
                key: RoomKey(rawValue: open.keyLast, isEphemeral: policy.isEphemeral),
                policy: policy, loop: home.loop, in: self)
            open.rooms[name] = room
            return (room, true)
        }
        // Who asked for it may be gone before entering it.
        if isNew { room.enter { $0.watchForIdleness() } }
        return room
    }

    /// The room of a stream, if it is open.
    public func openRoom(named name: StreamName) -> Room? {
        open.withLock { $0.rooms[name] }
    }

    /// A number that is another one whenever rooms were closed for good: what the directory said of
    /// destinations before may hold no more.
    var closingCount: UInt64 { closings.load(ordering: .acquiring) }

    /// Lets everybody in the rooms of these streams, and everybody who publishes to anything, ask
    /// anew whether they may: the community has closed the rooms for good, or closes them to some.
    public func closed(_ streams: [StreamName]) {
        closings.add(1, ordering: .acquiringAndReleasing)
        for stream in streams { openRoom(named: stream)?.verifyMembers() }
    }

    /// What all rooms keep in memory of their streams, in bytes.
    var heldBytes: Int { recentBytes.load(ordering: .relaxed) }

    /// How many rooms are open.
    public var count: Int { open.withLock { $0.rooms.count } }

    /// Counts what one room keeps more or less than before; false where all of them keep too much.
    func countHeld(_ change: Int) -> Bool {
        let (_, total) = recentBytes.add(change, ordering: .relaxed)
        return total <= recentBytesMax
    }

    func remove(_ room: Room) {
        open.withLock { open in
            if open.rooms[room.name] === room { open.rooms[room.name] = nil }
        }
    }
}
