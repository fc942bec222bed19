import Measure

/// One client of a soak, as an honest one would be written: what it has subscribed to, what it has
/// written and knows no receipt of, and when to come back. No I/O.
struct SoakClient: Sendable {
    enum Phase: Hashable, Sendable {
        /// Without a connection, until it comes back.
        case away
        case connecting
        case online
        /// Connected, and reading nothing.
        case deaf
        /// Has said DISCONNECT, and waits for what answers it.
        case leaving
    }

    /// What the client wrote in a room.
    struct Letter: Hashable, Sendable {
        /// Which of the client's rooms.
        let slot: Int
        /// Its number among those of the client in that room, from 1.
        let number: UInt32
        let writtenUs: Int64
        /// Whether it left on some connection, so that leaving again is a repetition.
        var hasLeft = false
        /// Whether the server refused it for now, on this connection.
        var isRefused = false

        /// What its receipt is called.
        var receipt: Int64 { Int64(slot) << 32 | Int64(number) }
    }

    /// How a durable subscription's messages are acknowledged: each for itself, or some with all
    /// before them.
    enum Acknowledging: String, Sendable {
        case individual = "client-individual"
        case cumulative = "client"
    }

    /// One of its rooms.
    struct Membership: Sendable {
        /// The room's number.
        let room: Int
        /// Nil where the client keeps its position itself, and the server does not.
        let acknowledging: Acknowledging?
        /// The life of the room's stream that `check` follows; empty before the first answer.
        private(set) var epoch = ""
        /// Lives that it followed before, and the last message it had of each.
        private(set) var left: [(epoch: String, highest: Int64)] = []
        var check: SubscriptionCheck
        /// Messages found missing on this connection before the subscription was answered.
        var missedBeforeAnswer: Int64 = 0
        /// Whether the subscription was answered on this connection.
        var isAnswered = false
        /// Messages that the client has written there.
        var writtenCount: UInt32 = 0

        init(room: Int, acknowledging: Acknowledging? = nil) {
            self.room = room
            self.acknowledging = acknowledging
            check = SubscriptionCheck(isDurable: acknowledging != nil)
        }

        /// Follows another life of the stream, or its first: from after an offset on.
        mutating func follow(_ epoch: String, after offset: Int64) {
            if let highest = check.highest, epoch != self.epoch {
                left.append((self.epoch, highest))
            }
            self.epoch = epoch
            check.restart(after: offset)
        }

        /// Whether the server may go on in another life without an answer that says so, since it
        /// keeps the position by itself: the answer may have been lost with a connection.
        var mayBeMoved: Bool { acknowledging != nil && !isAnswered }
    }

    var phase = Phase.away
    /// Connections that were begun: each goes to the next node.
    var connectionCount = 0
    var memberships: [Membership]
    /// Written, and without a receipt; oldest first.
    private(set) var outbox: [Letter] = []
    /// When its connection was made.
    private var onlineSinceUs: Int64 = .max
    /// When it began to read again after it had been deaf; 0 where that never was.
    var listensSinceUs: Int64 = 0
    /// Whether the server has said for how long it is to stay away.
    var isToldToWait = false
    /// Connections in a row that were not made.
    private var failureCount = 0

    /// Letters that wait for receipts at most; a client writes no more then.
    static let outboxMax = 64
    /// The longest pause before the first attempt to come back and before later ones, in
    /// microseconds.
    private static let backOffUs: Int64 = 250_000
    private static let backOffMaxUs: Int64 = 5_000_000

    init(_ memberships: [Membership]) {
        self.memberships = memberships
    }

    // MARK: Writing

    /// Writes something in a room; nil where too much waits, or the room has never been entered:
    /// what was said before that, nobody promises to a client.
    mutating func write(slot: Int, atUs nowUs: Int64) -> Letter? {
        guard outbox.count < Self.outboxMax, memberships[slot].check.highest != nil else {
            return nil
        }
        memberships[slot].writtenCount += 1
        let letter = Letter(
            slot: slot, number: memberships[slot].writtenCount, writtenUs: nowUs)
        outbox.append(letter)
        return letter
    }

    /// The letter leaves; true where it had left before.
    mutating func send(_ receipt: Int64) -> Bool {
        guard let index = index(of: receipt) else { return false }
        defer {
            outbox[index].hasLeft = true
            outbox[index].isRefused = false
        }
        return outbox[index].hasLeft
    }

    /// Takes the letter off that has its receipt; nil for one that is not waited for.
    mutating func acknowledge(_ receipt: Int64) -> Letter? {
        index(of: receipt).map { outbox.remove(at: $0) }
    }

    /// The server refused the letter, which is to be sent again; nil for one that is not waited for.
    mutating func refuse(_ receipt: Int64) -> Letter? {
        guard let index = index(of: receipt) else { return nil }
        outbox[index].isRefused = true
        return outbox[index]
    }

    private func index(of receipt: Int64) -> Int? {
        outbox.firstIndex { $0.receipt == receipt }
    }

    /// Whether letters that left on this connection still have no receipt.
    var waitsForReceipts: Bool { outbox.contains { $0.hasLeft && !$0.isRefused } }

    // MARK: Coming and going

    /// Whether it sends what it has to say.
    var isTalking: Bool { phase == .online || phase == .deaf }

    /// Whether all that it asked for is there.
    var isSubscribed: Bool {
        phase == .online && memberships.allSatisfy(\.isAnswered)
    }

    /// The connection is made; what there was of answers belongs to the one before.
    mutating func connected(atUs nowUs: Int64) {
        phase = .online
        onlineSinceUs = nowUs
        failureCount = 0
        isToldToWait = false
        for slot in memberships.indices {
            memberships[slot].missedBeforeAnswer = 0
            memberships[slot].check.subscribe()
        }
    }

    /// There is no connection any more.
    mutating func disconnected() {
        phase = .away
        onlineSinceUs = .max
        for slot in memberships.indices { memberships[slot].isAnswered = false }
    }

    /// Whether what it wrote at that time left at once, on the connection that it still has.
    func hasSentAtOnce(_ writtenUs: Int64) -> Bool { onlineSinceUs <= writtenUs }

    /// How long to wait before the next attempt, after a connection was lost or not made.
    mutating func backOff(using generator: inout some RandomNumberGenerator) -> Int64 {
        let delayUs = min(Self.backOffMaxUs, Self.backOffUs << Int64(min(failureCount, 10)))
        failureCount += 1
        return .random(in: delayUs / 8...delayUs, using: &generator)
    }
}
