/// How many messages of a closed loop are unfinished: sent, and not yet with all members of their
/// room, or without a receipt.
///
/// Members get a room's messages in its order, so the n-th that reaches a member is the n-th sent.
/// Connection `i` is a member of room `i % roomCount`.
struct MessageWindow: Sendable {
    /// What finishes a message.
    enum Finish: Hashable, Sendable {
        case allMembers
        case receipt
    }

    private(set) var unfinishedCount = 0
    private let size: Int
    private let finish: Finish
    private let roomCount: Int
    private let memberCount: Int32
    private var sent: [Int64]
    /// Deliveries that each member had.
    private var received: [Int64]
    /// Of each room's latest messages, `size` for a room, how many members don't have it. No two
    /// unfinished ones share a place, since a room's messages finish in order.
    private var missing: [Int32]

    init(size: Int, finish: Finish, connectionCount: Int, roomCount: Int) {
        self.size = size
        self.finish = finish
        self.roomCount = roomCount
        memberCount = Int32(connectionCount / roomCount)
        sent = Array(repeating: 0, count: roomCount)
        received = Array(repeating: 0, count: finish == .allMembers ? connectionCount : 0)
        missing = Array(repeating: 0, count: finish == .allMembers ? roomCount * size : 0)
    }

    /// Whether another message may be sent.
    var hasRoom: Bool { unfinishedCount < size }

    /// A message leaves.
    mutating func send(room: Int) {
        unfinishedCount += 1
        if finish == .allMembers {
            missing[room * size + Int(sent[room] % Int64(size))] = memberCount
        }
        sent[room] += 1
    }

    /// So many messages reached a member. More than were sent to its room count for nothing.
    mutating func deliver(_ deliveryCount: Int, connection: Int) {
        guard finish == .allMembers else { return }
        let room = connection % roomCount
        for _ in 0..<deliveryCount where received[connection] < sent[room] {
            let place = room * size + Int(received[connection] % Int64(size))
            received[connection] += 1
            missing[place] -= 1
            if missing[place] == 0 { unfinishedCount -= 1 }
        }
    }

    /// A receipt came, or a refusal instead.
    mutating func acknowledge() {
        if finish == .receipt, unfinishedCount > 0 { unfinishedCount -= 1 }
    }
}
