import Glibc
import Measure

/// What the clients of a soak do by chance: which rooms they are in, how long they stay, how they
/// leave and when they return. All of it from one seed.
struct SoakHabits: Sendable {
    /// How a client ends a connection.
    enum Departure: CaseIterable, Hashable, Sendable {
        /// DISCONNECT, and the receipt for it.
        case clean
        /// Without a word.
        case abrupt
        /// When half of a frame has left.
        case midFrame
        /// It stops reading, until the server has had enough of it or some time has passed.
        case deaf
    }

    /// Chance. What it is used for elsewhere belongs to the same seed.
    var random: SeededRandom
    private let roomCount: Int
    private let stayUs: Int64

    /// The number of the busy room, where messages are long; clients that are slow at times are in it.
    static let busyRoom = 0
    /// One client in so many is a member of the busy room.
    static let busyShare = 50
    /// One message in so many is written there.
    static let busyMessages = 10
    /// One client in so many leaves its position in one of its rooms to the server.
    static let durableShare = 8
    /// One client in so many listens to who comes, goes and types in one of its rooms.
    static let listeningShare = 2

    /// How long a room without members stays warm at PetNexus; some stay away for longer.
    private static let roomIdleUs: Int64 = 30_000_000

    init(seed: UInt64, roomCount: Int, stayUs: Int64) {
        precondition(roomCount >= 2, "there is a busy room and another")
        random = SeededRandom(seed: seed)
        self.roomCount = roomCount
        self.stayUs = stayUs
    }

    /// Whether a client is in the busy room. There are always two at least.
    static func isBusy(_ client: Int) -> Bool { client < 2 || client.isMultiple(of: busyShare) }

    /// The rooms of a client: one by its number, so that nobody is missing anywhere, up to two by
    /// chance, and the busy one.
    mutating func memberships(of client: Int) -> [SoakClient.Membership] {
        var rooms = [1 + client % (roomCount - 1)]
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            let room = Int.random(in: 1..<roomCount, using: &random)
            if !rooms.contains(room) { rooms.append(room) }
        }
        if Self.isBusy(client) { rooms.append(Self.busyRoom) }
        var memberships = rooms.map { SoakClient.Membership(room: $0) }
        if client.isMultiple(of: Self.durableShare) {
            memberships[0] = SoakClient.Membership(
                room: rooms[0],
                acknowledging: client.isMultiple(of: 2 * Self.durableShare)
                    ? .individual : .cumulative)
        }
        return memberships
    }

    /// How long a client that has just come stays, in microseconds: mostly short, sometimes long.
    mutating func stay() -> Int64 {
        let chance = Double.random(in: 0.001..<1, using: &random)
        return 100_000 + Int64(-log(chance) * Double(stayUs))
    }

    /// How a client leaves.
    mutating func departure(of client: Int) -> Departure {
        switch Double.random(in: 0..<1, using: &random) {
        case ..<0.4 where Self.isBusy(client): .deaf
        case ..<0.35: .clean
        case ..<0.75: .abrupt
        case _: .midFrame
        }
    }

    /// How long a client that has left by itself is away, in microseconds.
    mutating func absence() -> Int64 {
        switch Double.random(in: 0..<1, using: &random) {
        case ..<0.8: .random(in: 20_000...3_000_000, using: &random)
        case ..<0.92: .random(in: 3_000_000...10_000_000, using: &random)
        case _: .random(in: Self.roomIdleUs + 2_000_000...Self.roomIdleUs * 2, using: &random)
        }
    }

    /// Whether somebody acknowledges a message now, and all before it.
    mutating func acknowledges() -> Bool { random.happens(0.25) }

    /// Whether somebody is seen typing before they write.
    mutating func types() -> Bool { random.happens(0.3) }

    /// Whether somebody says that they have read a room.
    mutating func reads() -> Bool { random.happens(0.1) }

    /// How long a client does not read, in microseconds.
    mutating func deafness() -> Int64 { .random(in: 3_000_000...20_000_000, using: &random) }
}
