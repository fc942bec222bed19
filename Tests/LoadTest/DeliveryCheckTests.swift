import Measure
import Testing

@testable import LoadTest

/// Two rooms of two members, so that connections 0 and 2 are in room 0, 1 and 3 in room 1.
struct DeliveryCheckTests {
    private var check = DeliveryCheck(connectionCount: 4, roomCount: 2, senderCount: 2)

    private func stamp(room: Int = 0, sender: Int = 0, _ sequence: Int64) -> Stamp {
        Stamp(run: 1, room: room, sender: sender, sequence: sequence, dueUs: 0)
    }

    @Test mutating func `is clean when every member got every message once and in order`() {
        for offset in 1...3 as ClosedRange<Int64> {
            let sequence = check.send(room: 0, sender: 0)
            for member in [0, 2] {
                let counts = check.receive(
                    stamp(sequence), offset: offset, connection: member)
                #expect(counts)
            }
        }
        #expect(check.tally.isClean)
        #expect(check.tally.sent == 3)
        #expect(check.tally.delivered == 6)
    }

    @Test mutating func `each sender of a room has numbers of its own`() {
        let numbers = [(0, 0), (0, 1), (1, 0), (0, 0)].map { room, sender in
            check.send(room: room, sender: sender)
        }
        #expect(numbers == [1, 1, 1, 2])
    }

    @Test mutating func `what one member did not get is lost`() {
        let sequence = check.send(room: 0, sender: 0)
        _ = check.receive(stamp(sequence), offset: nil, connection: 0)
        #expect(check.tally.lost == 1)
        #expect(!check.tally.isClean)
    }

    @Test mutating func `what comes twice is duplicated and counts once`() {
        let sequence = check.send(room: 0, sender: 0)
        _ = check.receive(stamp(sequence), offset: nil, connection: 0)
        let counts = check.receive(stamp(sequence), offset: nil, connection: 0)
        #expect(!counts)
        #expect(check.tally.duplicated == 1)
        #expect(check.tally.lost == 1)
    }

    @Test mutating func `what overtakes is reordered, and nothing is lost by it`() {
        for _ in 1...2 { _ = check.send(room: 0, sender: 0) }
        for member in [0, 2] {
            for sequence in [2, 1] as [Int64] {
                let counts = check.receive(stamp(sequence), offset: nil, connection: member)
                #expect(counts)
            }
        }
        #expect(check.tally.reordered == 2)
        #expect(check.tally.lost == 0)
        #expect(!check.tally.isClean)
    }

    @Test mutating func `offsets may begin anywhere and go up by one`() {
        for offset in [500, 501, 502] as [Int64] {
            let sequence = check.send(room: 0, sender: 0)
            _ = check.receive(stamp(sequence), offset: offset, connection: 0)
        }
        #expect(check.tally.misplaced == 0)
    }

    @Test(arguments: [502, 500, 499] as [Int64])
    func `an offset that is not the next one is misplaced`(offset: Int64) {
        var check = check
        for offset in [500, offset] {
            let sequence = check.send(room: 0, sender: 0)
            _ = check.receive(stamp(sequence), offset: offset, connection: 0)
        }
        #expect(check.tally.misplaced == 1)
    }

    @Test mutating func `what others say in a room leaves no gap, and counts for nothing`() {
        var isFurther: [Bool] = []
        for offset in [500, 502] as [Int64] {
            let sequence = check.send(room: 0, sender: 0)
            for member in [0, 2] {
                _ = check.receive(stamp(sequence), offset: offset, connection: member)
                isFurther.append(check.skip(offset: offset + 1, connection: member))
            }
        }
        #expect(check.tally.isClean)
        #expect(check.tally.delivered == 4)
        #expect(isFurther == [true, true, true, true])
    }

    @Test mutating func `what others say twice is misplaced, and is not further on`() {
        let isFurther = ([7, 7, nil] as [Int64?]).map { check.skip(offset: $0, connection: 0) }
        #expect(isFurther == [true, false, false])
        #expect(check.tally.misplaced == 1)
    }

    @Test mutating func `members that see different messages at one offset contradict each other`()
    {
        _ = check.send(room: 0, sender: 0)
        _ = check.send(room: 0, sender: 1)
        _ = check.receive(stamp(sender: 0, 1), offset: 1, connection: 0)
        _ = check.receive(stamp(sender: 1, 1), offset: 1, connection: 2)
        #expect(check.tally.contradicted == 1)
    }

    @Test mutating func `a message of another room has strayed and counts for nothing`() {
        let sequence = check.send(room: 1, sender: 0)
        let counts = check.receive(stamp(room: 1, sequence), offset: nil, connection: 0)
        #expect(!counts)
        #expect(check.tally.strayed == 1)
        #expect(check.tally.delivered == 0)
    }

    @Test mutating func `a member that only counts has lost what it does not count`() {
        for _ in 1...3 { _ = check.send(room: 0, sender: 0) }
        check.count(2, connection: 0)
        check.count(3, connection: 2)
        #expect(check.tally.delivered == 5)
        #expect(check.tally.lost == 1)
    }

    @Test mutating func `what a member counts beyond what was sent is duplicated`() {
        _ = check.send(room: 0, sender: 0)
        check.count(3, connection: 0)
        #expect(check.tally.duplicated == 2)
        #expect(check.tally.lost == 1)
    }

    @Test(arguments: [(offset: 1, other: 1_025), (offset: 1, other: 2)] as [(Int64, Int64)])
    func `a member far behind is not held against the others`(offset: Int64, other: Int64) {
        var order = RoomOrder()
        let answers = [(other, 2), (offset, 1), (other, 2)].map { offset, sequence in
            order.agrees(offset: offset, sender: 0, sequence: sequence)
        }
        #expect(answers == [true, true, true])
    }
}
