/// What stands in a room, as its members have seen it and receipts have told it: one message at each
/// offset, the same for everybody, each once and those of an author in the author's order.
///
/// Remembers all of it, at 16 bytes a message, so that somebody who comes back late is compared, too.
struct RoomLedger: Sendable {
    /// A message by who wrote it and its number among what they wrote in this room, from 1.
    struct Message: Hashable, Sendable {
        let author: UInt32
        let number: UInt32
    }

    private struct Entry {
        /// The author is `unknown` where neither a member nor a receipt has told the offset's message.
        var message = Message(author: .max, number: 0)
        /// Of what members receive; 0: nobody has seen it.
        var digest: UInt64 = 0

        var isKnown: Bool { message.author != .max }
    }

    private var entries: [Entry] = []

    /// An offset further than this above all others is a mistake of the server's, and not remembered.
    private static let stepMax: Int64 = 1 << 20

    /// The highest offset that a message is known to have.
    var top: Int64 { Int64(entries.count) }

    /// All that are known, in order.
    var messages: some Sequence<Message> { entries.lazy.filter(\.isKnown).map(\.message) }

    /// Takes what a member has received; false where somebody saw something else at the offset, or a
    /// receipt told it of another message. `digest` is of all the member was sent, and never 0.
    mutating func see(_ message: Message, digest: UInt64, at offset: Int64) -> Bool {
        guard let index = place(offset), agrees(message, at: index) else { return false }
        if entries[index].digest == 0 { entries[index].digest = digest }
        return entries[index].digest == digest
    }

    /// Takes what a receipt says; false where another message is known to be there.
    mutating func store(_ message: Message, at offset: Int64) -> Bool {
        guard let index = place(offset) else { return false }
        return agrees(message, at: index)
    }

    private mutating func agrees(_ message: Message, at index: Int) -> Bool {
        if !entries[index].isKnown { entries[index].message = message }
        return entries[index].message == message
    }

    private mutating func place(_ offset: Int64) -> Int? {
        guard offset >= 1, offset <= top + Self.stepMax else { return nil }
        while top < offset { entries.append(Entry()) }
        return Int(offset) - 1
    }

    /// What is wrong with a room as a whole.
    struct Audit: Hashable, Sendable {
        /// Messages that were written and are nowhere.
        var missing: Int64 = 0
        /// Messages that are at a second offset, too.
        var repeated: Int64 = 0
        /// Messages behind a later one of their author.
        var late: Int64 = 0
    }

    /// Goes through the whole room. `written` says how many messages each author has written in it;
    /// `mayBeLate` those that were refused once and sent again, while later ones had been taken.
    func audit(
        written: [UInt32: UInt32], mayBeLate: (Message) -> Bool
    ) -> Audit {
        var audit = Audit()
        var authors: [UInt32: (check: SequenceCheck, count: Int64)] = [:]
        for entry in entries where entry.isKnown {
            let message = entry.message
            var (check, count) = authors[message.author] ?? (SequenceCheck(after: 0), 0)
            switch check.take(Int64(message.number)) {
            case .next, .skipped:
                count += 1
            case .late:
                count += 1
                if !mayBeLate(message) { audit.late += 1 }
            case .repeated:
                audit.repeated += 1
            }
            authors[message.author] = (check, count)
        }
        for (author, number) in written {
            audit.missing += max(0, Int64(number) - (authors[author]?.count ?? 0))
        }
        return audit
    }
}

extension Span<UInt8> {
    /// A number that two texts share only by rare accident; never 0. Not for texts that somebody
    /// makes up to be mistaken.
    var digest: UInt64 {
        let raw = unsafe bytes
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15 ^ UInt64(count)
        var index = 0
        while index &+ 8 <= count {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                .littleEndian
            state = Self.mixed(state ^ word)
            index &+= 8
        }
        while index < count {
            state = Self.mixed(state ^ UInt64(self[index]))
            index &+= 1
        }
        return state | 1
    }

    private static func mixed(_ state: UInt64) -> UInt64 {
        let product = state.multipliedFullWidth(by: 0xbf58_476d_1ce4_e5b9)
        return product.high ^ product.low
    }
}
