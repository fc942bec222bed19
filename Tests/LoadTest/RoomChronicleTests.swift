import Testing

@testable import LoadTest

struct RoomChronicleTests {
    private func message(_ author: UInt32, _ number: UInt32) -> RoomLedger.Message {
        RoomLedger.Message(author: author, number: number)
    }

    private func position(_ text: String) throws -> RoomChronicle.Position {
        try #require(RoomChronicle.Position(text))
    }

    @Test(arguments: ["", "a", "a:", "a:b", "a:1:2", nil] as [String?])
    func `what is no position is none`(text: String?) {
        #expect(RoomChronicle.Position(text) == nil)
    }

    @Test func `each life has offsets of its own`() throws {
        var chronicle = RoomChronicle()
        for number in UInt32(1)...5 {
            #expect(chronicle.store(message(1, number), at: try position("a:\(number)")) == true)
        }
        #expect(chronicle.see(message(1, 6), digest: 7, at: try position("b:1")) == true)
        #expect(chronicle.epoch == "b")
        #expect(chronicle.top == 1)
        #expect(chronicle.top(of: "a") == 5)
        #expect(chronicle.see(message(1, 5), digest: 7, at: try position("b:1")) == false)
    }

    @Test func `a receipt that was late belongs to the life that it names`() throws {
        var chronicle = RoomChronicle()
        #expect(chronicle.note("a") == true)
        #expect(chronicle.note("b") == true)
        #expect(chronicle.store(message(1, 1), at: try position("a:9")) == true)
        #expect(chronicle.epoch == "b")
        #expect(chronicle.top(of: "a") == 9)
    }

    @Test func `what is in any life is not missing, and may be in two`() throws {
        var chronicle = RoomChronicle()
        _ = chronicle.store(message(1, 1), at: try position("a:1"))
        _ = chronicle.store(message(1, 2), at: try position("a:2"))
        _ = chronicle.store(message(1, 2), at: try position("b:2"))
        _ = chronicle.store(message(1, 3), at: try position("b:3"))
        #expect(chronicle.audit(written: [1: 3]) { _ in false } == RoomLedger.Audit())
        #expect(chronicle.audit(written: [1: 4]) { _ in false } == RoomLedger.Audit(missing: 1))
    }

    @Test func `what is twice in one life is repeated, and behind a later one late`() throws {
        var chronicle = RoomChronicle()
        _ = chronicle.note("a")
        for (offset, number) in [1, 3, 2, 3].enumerated() {
            let place = try position("b:\(offset + 1)")
            _ = chronicle.store(message(1, UInt32(number)), at: place)
        }
        let audit = chronicle.audit(written: [1: 3]) { _ in false }
        #expect(audit == RoomLedger.Audit(repeated: 1, late: 1))
    }

    @Test func `who follows another life has left the one before where it was`() {
        var membership = SoakClient.Membership(room: 0)
        membership.follow("a", after: 3)
        _ = membership.check.take(4)
        membership.follow("b", after: 0)
        #expect(membership.epoch == "b")
        #expect(membership.left.map(\.epoch) == ["a"])
        #expect(membership.left.map(\.highest) == [4])
        #expect(membership.check.take(1) == .next)
    }

    @Test func `only what the server remembers may move without an answer`() {
        var membership = SoakClient.Membership(room: 0)
        #expect(!membership.mayBeMoved)
        membership = SoakClient.Membership(room: 0, acknowledging: .individual)
        #expect(membership.mayBeMoved)
        membership.isAnswered = true
        #expect(!membership.mayBeMoved)
    }

    @Test func `what a reset or a gap told of is no loss, and wrong where nothing went away`() {
        var tally = SoakTally()
        tally.resets = 2
        tally.gaps = 1
        tally.told = 40
        #expect(tally.wrong(besideOutages: true).isEmpty)
        #expect(tally.wrong(besideOutages: false) == ["incomplete resumes 3"])
        tally.lost = 1
        #expect(tally.wrong(besideOutages: true) == ["lost 1"])
    }
}
