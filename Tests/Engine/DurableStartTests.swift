import Testing

@testable import Engine

struct DurableStartTests {
    private static func stream(
        top: UInt64, floor: UInt64 = 1, epoch: UInt64 = 7
    ) -> StreamTop {
        StreamTop(epoch: Epoch(rawValue: epoch), top: top, floor: floor, newest: nil)
    }

    private static func start(_ text: String) throws -> JoinStart {
        .after(try #require(Position(text)))
    }

    @Test(arguments: [
        (JoinStart.live, "7:10", "7:10"), (.last(3), "7:7", "7:7"), (.last(99), "7:2", "7:2"),
    ])
    func `a fresh one owes what comes after its start`(
        from: JoinStart, owed: String, join: String
    ) throws {
        let start = DurableStart(from: from, in: Self.stream(top: 10, floor: 3))
        #expect(start.acknowledgements.text == owed)
        #expect(start.join == (try Self.start(join)))
    }

    @Test(arguments: [("7:5", "7:5"), ("7:1", "7:2"), ("7:11", "7:10"), ("8:5", "7:10")])
    func `a fresh one from a position leaves the verdict to the room`(
        position: String, owed: String
    ) throws {
        let from = try Self.start(position)
        let start = DurableStart(from: from, in: Self.stream(top: 10, floor: 3))
        #expect(start.acknowledgements.text == owed)
        #expect(start.join == from)
    }

    @Test(arguments: [
        ("7:5 8-8", "7:5 8-8"), ("7:2 4-4", "7:2 4-4"), ("7:1 4-4", "7:2 4-4"),
        ("7:1 3-4", "7:4"), ("7:11", "7:10"), ("8:5 7-9", "7:10"),
    ])
    func `a stored one goes on with what it owes`(stored: String, owed: String) throws {
        let state = try #require(Acknowledgements(stored))
        let start = DurableStart(resuming: state, in: Self.stream(top: 10, floor: 3))
        #expect(start.acknowledgements.text == owed)
        #expect(
            start.join == .after(Position(epoch: state.epoch, offset: state.cursor)))
    }
}
