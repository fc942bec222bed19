import Engine
import Testing

@testable import App

struct RoomAgendaTests {
    private let room = ChatID(.open, 1)

    private static func outcome(
        _ offset: UInt64, hasSparedSome: Bool = false
    ) -> MessageNotices.Outcome {
        MessageNotices.Outcome(
            position: Position(epoch: Epoch(rawValue: 7), offset: offset),
            hasSparedSome: hasSparedSome)
    }

    /// An agenda where somebody who has left counts as there for a second.
    private var agenda = RoomAgenda(graceMs: 1_000)

    @Test mutating func `a room is due soon after a message, once`() {
        agenda.said(in: room, nowMs: 0)
        agenda.said(in: room, nowMs: 100)
        #expect(agenda.takeDue(nowMs: 349) == [])
        #expect(agenda.takeDue(nowMs: 350) == [room])
        #expect(agenda.takeDue(nowMs: 10_000) == [])
    }

    @Test mutating func `a look settles the room, which is forgotten when it has rested`() {
        agenda.said(in: room, nowMs: 0)
        _ = agenda.takeDue(nowMs: 350)
        let settled = agenda.looked(at: room, Self.outcome(3), tookMs: 0, nowMs: 350)
        #expect(settled?.offset == 3)
        #expect(agenda.takeDue(nowMs: 699) == [] && !agenda.isEmpty)
        #expect(agenda.takeDue(nowMs: 700) == [] && agenda.isEmpty)
    }

    @Test mutating func `what is said during a look is looked at again`() {
        agenda.said(in: room, nowMs: 0)
        _ = agenda.takeDue(nowMs: 350)
        agenda.said(in: room, nowMs: 360)
        _ = agenda.looked(at: room, Self.outcome(3), tookMs: 10, nowMs: 360)
        #expect(agenda.takeDue(nowMs: 709) == [])
        #expect(agenda.takeDue(nowMs: 710) == [room])
    }

    @Test mutating func `while more and more is said, the rests grow to a bound`() {
        var looks: [Int64] = []
        for nowMs in Int64(0)..<20_000 {
            if nowMs.isMultiple(of: 100) { agenda.said(in: room, nowMs: nowMs) }
            for due in agenda.takeDue(nowMs: nowMs) {
                looks.append(nowMs)
                _ = agenda.looked(at: due, Self.outcome(1), tookMs: 0, nowMs: nowMs)
            }
        }
        let rests = zip(looks.dropFirst(), looks).map { $0 - $1 }
        #expect(rests.prefix(5) == [350, 700, 1_400, 2_800, 2_800])
        #expect(rests.allSatisfy { $0 <= RoomAgenda.restMaxMs })
    }

    @Test mutating func `a look that takes long is followed by a long rest`() {
        agenda.said(in: room, nowMs: 0)
        _ = agenda.takeDue(nowMs: 350)
        _ = agenda.looked(at: room, Self.outcome(1), tookMs: 1_000, nowMs: 1_350)
        agenda.said(in: room, nowMs: 1_400)
        #expect(agenda.takeDue(nowMs: 10_349) == [])
        #expect(agenda.takeDue(nowMs: 10_350) == [room])
    }

    @Test mutating func `a look that failed is tried again`() {
        agenda.said(in: room, nowMs: 0)
        _ = agenda.takeDue(nowMs: 350)
        #expect(agenda.looked(at: room, nil, tookMs: 0, nowMs: 350) == nil)
        #expect(agenda.takeDue(nowMs: 1_349) == [])
        #expect(agenda.takeDue(nowMs: 1_350) == [room])
    }

    @Test mutating func `who may have just left is looked at again before the room is settled`() {
        agenda.said(in: room, nowMs: 0)
        _ = agenda.takeDue(nowMs: 350)
        let spared = Self.outcome(3, hasSparedSome: true)
        #expect(agenda.looked(at: room, spared, tookMs: 0, nowMs: 350) == nil)
        #expect(agenda.takeDue(nowMs: 1_349) == [])
        #expect(agenda.takeDue(nowMs: 1_350) == [room])
        // They are still there, and had it open all the time.
        #expect(agenda.looked(at: room, spared, tookMs: 0, nowMs: 1_350)?.offset == 3)
        #expect(agenda.takeDue(nowMs: 5_000) == [] && agenda.isEmpty)
    }

    @Test mutating func `a busy room with people inside is settled behind them`() {
        var settled: [UInt64] = []
        for nowMs in Int64(0)..<10_000 {
            if nowMs.isMultiple(of: 100) { agenda.said(in: room, nowMs: nowMs) }
            for due in agenda.takeDue(nowMs: nowMs) {
                let outcome = Self.outcome(UInt64(nowMs), hasSparedSome: true)
                if let position = agenda.looked(at: due, outcome, tookMs: 0, nowMs: nowMs) {
                    settled.append(UInt64(nowMs) - position.offset)
                }
            }
        }
        #expect(settled.count > 3)
        #expect(settled.allSatisfy { $0 >= 1_000 && $0 <= 1_000 + UInt64(RoomAgenda.restMaxMs) })
    }

    @Test mutating func `a room that is gone is forgotten`() {
        agenda.said(in: room, nowMs: 0)
        agenda.forget(room)
        #expect(agenda.isEmpty)
    }
}
