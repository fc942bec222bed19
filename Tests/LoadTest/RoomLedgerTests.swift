import Testing

@testable import LoadTest

struct RoomLedgerTests {
    private func message(_ author: UInt32, _ number: UInt32) -> RoomLedger.Message {
        RoomLedger.Message(author: author, number: number)
    }

    /// A room whose messages stand one behind the other.
    private func room(_ messages: [(author: UInt32, number: UInt32)]) -> RoomLedger {
        var ledger = RoomLedger()
        for (index, each) in messages.enumerated() {
            _ = ledger.see(message(each.author, each.number), digest: 1, at: Int64(index) + 1)
        }
        return ledger
    }

    @Test func `all members must see the same at the same offset`() {
        var ledger = RoomLedger()
        #expect(ledger.see(message(1, 1), digest: 7, at: 1) == true)
        #expect(ledger.see(message(1, 1), digest: 7, at: 1) == true)
        #expect(ledger.see(message(1, 1), digest: 8, at: 1) == false, "other words")
        #expect(ledger.see(message(2, 1), digest: 7, at: 1) == false, "another author")
        #expect(ledger.top == 1)
    }

    @Test func `compares with what was seen long ago`() {
        var ledger = room((1...5_000).map { (1, UInt32($0)) })
        #expect(ledger.see(message(1, 2), digest: 1, at: 1) == false)
    }

    @Test func `a receipt's position must hold its message, whoever comes first`() {
        var ledger = RoomLedger()
        #expect(ledger.store(message(1, 1), at: 1) == true)
        #expect(ledger.see(message(1, 1), digest: 7, at: 1) == true)
        #expect(ledger.see(message(1, 2), digest: 7, at: 2) == true)
        #expect(ledger.store(message(1, 2), at: 2) == true)
        #expect(ledger.store(message(1, 3), at: 2) == false)
        #expect(ledger.store(message(1, 3), at: 3) == true)
        #expect(ledger.see(message(1, 4), digest: 7, at: 3) == false)
    }

    @Test(arguments: [0, -1, 1 << 40] as [Int64])
    func `an offset out of all bounds is wrong, and costs nothing`(offset: Int64) {
        var ledger = RoomLedger()
        #expect(ledger.see(message(1, 1), digest: 7, at: offset) == false)
        #expect(ledger.top == 0)
    }

    @Test func `nothing is wrong with a room that has everything once and in order`() {
        let ledger = room([(1, 1), (2, 1), (2, 2), (1, 2)])
        let audit = ledger.audit(written: [1: 2, 2: 2, 3: 0]) { _ in false }
        #expect(audit == RoomLedger.Audit())
    }

    @Test func `a message that is nowhere is missing, first, last or between`() {
        let ledger = room([(1, 2), (1, 4)])
        let audit = ledger.audit(written: [1: 5, 2: 1]) { _ in false }
        #expect(audit == RoomLedger.Audit(missing: 4))
    }

    @Test func `a message that is stored twice is found`() {
        let audit = room([(1, 1), (1, 2), (1, 1)]).audit(written: [1: 2]) { _ in false }
        #expect(audit == RoomLedger.Audit(repeated: 1))
    }

    @Test func `a message behind a later one is late, unless it was refused once`() {
        let ledger = room([(1, 1), (1, 3), (1, 2)])
        #expect(ledger.audit(written: [1: 3]) { _ in false } == RoomLedger.Audit(late: 1))
        let refused = message(1, 2)
        #expect(ledger.audit(written: [1: 3]) { $0 == refused } == RoomLedger.Audit())
    }

    @Test func `texts have the same digest where they are the same`() {
        let text = Array("a text of some length, with a tail".utf8)
        for index in text.indices {
            var other = text
            other[index] ^= 1
            #expect(other.span.digest != text.span.digest)
        }
        #expect(text.span.digest == Array(text).span.digest)
        #expect(text.span.digest != text.span.extracting(first: text.count - 1).digest)
    }
}
