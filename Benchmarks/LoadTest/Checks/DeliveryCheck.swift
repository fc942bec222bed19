import Measure

/// Holds what every member of every room should receive against what it does: each message once, in
/// the order of its sender, at consecutive offsets, the same for all.
///
/// Connection `i` is a member of room `i % roomCount`; a room's senders are its first members.
struct DeliveryCheck: Sendable {
    /// What was counted so far.
    struct Tally: Hashable, Sendable {
        /// Messages that were sent.
        var sent: Int64 = 0
        /// Deliveries that must come of them.
        var expected: Int64 = 0
        /// Deliveries that came, each counted once.
        var delivered: Int64 = 0
        var duplicated: Int64 = 0
        /// Came after a later message of the same sender.
        var reordered: Int64 = 0
        /// Messages at an offset that is not the one after the member's last.
        var misplaced: Int64 = 0
        /// Messages at an offset where another member saw a different one.
        var contradicted: Int64 = 0
        /// Messages of another room.
        var strayed: Int64 = 0

        /// Deliveries that are still missing.
        var lost: Int64 { max(0, expected - delivered) }

        /// Whether every member received everything, once and in order.
        var isClean: Bool {
            lost == 0 && duplicated == 0 && reordered == 0 && misplaced == 0 && contradicted == 0
                && strayed == 0
        }
    }

    private(set) var tally = Tally()
    private let roomCount: Int
    private let memberCount: Int64
    private let senderCount: Int
    /// The last sequence number of each sender, room by room.
    private var sequences: [Int64]
    /// Messages sent to each room.
    private var roomSent: [Int64]
    /// What each connection has of each sender of its room, connection by connection.
    private var senders: [SequenceCheck]
    /// Nil until the first message with an offset came.
    private var offsets: [SequenceCheck?]
    /// Messages that each connection has counted without reading them.
    private var counted: [Int64]
    private var orders: [RoomOrder]

    /// `connectionCount` is a multiple of `roomCount`.
    init(connectionCount: Int, roomCount: Int, senderCount: Int) {
        precondition(connectionCount.isMultiple(of: roomCount), "rooms are of equal size")
        self.roomCount = roomCount
        self.senderCount = senderCount
        memberCount = Int64(connectionCount / roomCount)
        sequences = Array(repeating: 0, count: roomCount * senderCount)
        roomSent = Array(repeating: 0, count: roomCount)
        senders = Array(
            repeating: SequenceCheck(after: 0), count: connectionCount * senderCount)
        offsets = Array(repeating: nil, count: connectionCount)
        counted = Array(repeating: 0, count: connectionCount)
        orders = Array(repeating: RoomOrder(), count: roomCount)
    }

    /// Counts a message in and numbers it, from 1 for each sender.
    mutating func send(room: Int, sender: Int) -> Int64 {
        tally.sent += 1
        tally.expected += memberCount
        roomSent[room] += 1
        sequences[room * senderCount + sender] += 1
        return sequences[room * senderCount + sender]
    }

    /// Takes what a connection received, with its offset where the server told one. Returns whether
    /// the message counts: false for a repeated or a foreign one.
    mutating func receive(_ stamp: Stamp, offset: Int64?, connection: Int) -> Bool {
        let room = connection % roomCount
        guard stamp.room == room, (0..<senderCount).contains(stamp.sender) else {
            tally.strayed += 1
            return false
        }
        if let offset {
            place(offset, of: connection)
            if !orders[room].agrees(
                offset: offset, sender: stamp.sender, sequence: stamp.sequence)
            {
                tally.contradicted += 1
            }
        }
        switch senders[connection * senderCount + stamp.sender].take(stamp.sequence) {
        case .next, .skipped:
            break
        case .late:
            tally.reordered += 1
        case .repeated:
            tally.duplicated += 1
            return false
        }
        tally.delivered += 1
        return true
    }

    /// Takes the offset of a message that somebody else sent to the room, so that what follows it
    /// is in its place. Returns whether it is further than all before; false without an offset.
    mutating func skip(offset: Int64?, connection: Int) -> Bool {
        guard let offset else { return false }
        let highest = offsets[connection]?.highest
        place(offset, of: connection)
        return highest.map { offset > $0 } ?? true
    }

    /// Takes messages that a connection has counted and not read. More than were sent to its room
    /// are duplicates; which ones, nobody knows.
    mutating func count(_ deliveryCount: Int, connection: Int) {
        let missing = roomSent[connection % roomCount] - counted[connection]
        let new = min(Int64(deliveryCount), missing)
        counted[connection] += new
        tally.delivered += new
        tally.duplicated += Int64(deliveryCount) - new
    }

    private mutating func place(_ offset: Int64, of connection: Int) {
        guard offsets[connection] != nil else {
            offsets[connection] = SequenceCheck(after: offset)
            return
        }
        if offsets[connection]?.take(offset) != .next { tally.misplaced += 1 }
    }
}
