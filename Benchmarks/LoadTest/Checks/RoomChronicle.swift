/// What stands in a room, through all the lives that its stream has had: each has offsets of its own.
struct RoomChronicle: Sendable {
    /// A message's place in a life of the stream: `EPOCH:OFFSET`.
    struct Position: Hashable, Sendable {
        let epoch: String
        let offset: Int64

        /// Nil for what is no position.
        init?(_ text: String?) {
            guard let parts = text?.split(separator: ":"), parts.count == 2,
                let offset = Int64(parts[1])
            else { return nil }
            epoch = String(parts[0])
            self.offset = offset
        }
    }

    /// In the order in which they were first heard of.
    private var lives: [(epoch: String, ledger: RoomLedger)] = []

    /// Lives of one stream at most; a server that tells of more makes them up.
    private static let livesMax = 1_000

    /// The newest life; empty where none is known.
    var epoch: String { lives.last?.epoch ?? "" }

    /// The highest offset that is known in the newest life.
    var top: Int64 { lives.last?.ledger.top ?? 0 }

    /// The highest offset that is known in a life.
    func top(of epoch: String) -> Int64 {
        lives.first { $0.epoch == epoch }?.ledger.top ?? 0
    }

    /// Takes note of a life; false where there are too many.
    mutating func note(_ epoch: String) -> Bool { index(of: epoch) != nil }

    /// Takes what a member has received; false where it contradicts what is known (`RoomLedger`).
    mutating func see(
        _ message: RoomLedger.Message, digest: UInt64, at position: Position
    ) -> Bool {
        guard let index = index(of: position.epoch) else { return false }
        return lives[index].ledger.see(message, digest: digest, at: position.offset)
    }

    /// Takes what a receipt says; false where it contradicts what is known.
    mutating func store(_ message: RoomLedger.Message, at position: Position) -> Bool {
        guard let index = index(of: position.epoch) else { return false }
        return lives[index].ledger.store(message, at: position.offset)
    }

    private mutating func index(of epoch: String) -> Int? {
        if let index = lives.lastIndex(where: { $0.epoch == epoch }) { return index }
        guard lives.count < Self.livesMax else { return nil }
        lives.append((epoch, RoomLedger()))
        return lives.count - 1
    }

    /// Goes through all of it, as `RoomLedger.audit` does. What is in any life is not missing, and may
    /// be in several: the log may have been kept when its epoch changed.
    func audit(
        written: [UInt32: UInt32], mayBeLate: (RoomLedger.Message) -> Bool
    ) -> RoomLedger.Audit {
        if lives.count == 1 { return lives[0].ledger.audit(written: written, mayBeLate: mayBeLate) }
        var all = RoomLedger.Audit()
        var known: [UInt32: Set<UInt32>] = [:]
        for (_, ledger) in lives {
            let audit = ledger.audit(written: [:], mayBeLate: mayBeLate)
            all.repeated += audit.repeated
            all.late += audit.late
            for message in ledger.messages {
                known[message.author, default: []].insert(message.number)
            }
        }
        for (author, number) in written {
            all.missing += max(0, Int64(number) - Int64(known[author]?.count ?? 0))
        }
        return all
    }
}
