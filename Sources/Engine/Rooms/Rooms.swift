import Synchronization

/// The rooms that are open on this node, each pinned to a loop by a hash of its name.
public final class Rooms: Sendable {
    public let broker: any Broker
    public let outlets: [any Outlet]
    private let open = Mutex(Open())

    private struct Open {
        var rooms: [StreamName: Room] = [:]
        var keyLast: UInt64 = 0
    }

    public init(broker: any Broker, outlets: [any Outlet]) {
        precondition(!outlets.isEmpty, "rooms live on at least one loop")
        self.broker = broker
        self.outlets = outlets
    }

    /// The room of a stream; opened where it wasn't.
    public func room(named name: StreamName, policy: RoomPolicy) -> Room {
        open.withLock { open in
            if let room = open.rooms[name] { return room }
            open.keyLast += 1
            let home = outlets[Int(name.stableHash % UInt64(outlets.count))]
            let room = Room(
                name: name,
                key: RoomKey(rawValue: open.keyLast, isEphemeral: policy.isEphemeral),
                policy: policy, loop: home.loop, in: self)
            open.rooms[name] = room
            return room
        }
    }

    /// How many rooms are open.
    public var count: Int { open.withLock { $0.rooms.count } }

    func remove(_ room: Room) {
        open.withLock { open in
            if open.rooms[room.name] === room { open.rooms[room.name] = nil }
        }
    }
}
