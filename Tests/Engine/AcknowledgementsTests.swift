import TestSupport
import Testing

@testable import Engine

struct AcknowledgementsTests {
    private static func acknowledgements(_ text: String) throws -> Acknowledgements {
        try #require(Acknowledgements(text))
    }

    @Test(arguments: [
        ("7:0", 3, "7:3"), ("7:5", 3, "7:5"), ("7:0 5-6", 3, "7:3 5-6"), ("7:0 5-6", 4, "7:6"),
        ("7:0 5-6 8-8", 5, "7:6 8-8"), ("7:0 5-6 8-8", 7, "7:8"), ("7:0 5-6 8-8", 9, "7:9"),
    ])
    func `one message and all before it are taken at once`(
        before: String, offset: UInt64, after: String
    ) throws {
        var acknowledgements = try Self.acknowledgements(before)
        acknowledgements.acknowledge(upTo: offset)
        #expect(acknowledgements.text == after)
    }

    @Test(arguments: [
        ("7:3", 4, "7:4"), ("7:3", 3, "7:3"), ("7:3", 6, "7:3 6-6"), ("7:3 6-6", 5, "7:3 5-6"),
        ("7:3 6-6", 7, "7:3 6-7"), ("7:3 6-6", 6, "7:3 6-6"), ("7:3 5-6", 4, "7:6"),
        ("7:3 5-6 8-9", 7, "7:3 5-9"), ("7:3 8-9", 5, "7:3 5-5 8-9"),
    ])
    func `a single message is taken`(before: String, offset: UInt64, after: String) throws {
        var acknowledgements = try Self.acknowledgements(before)
        try acknowledgements.acknowledge(only: offset)
        #expect(acknowledgements.text == after)
    }

    @Test(arguments: [
        ("7:3", "7:5", "7:5"), ("7:3 5-6", "7:4", "7:6"), ("7:3 5-6", "7:3 6-9", "7:3 5-9"),
        ("7:3 5-5", "7:3 7-7", "7:3 5-5 7-7"), ("7:3 5-5", "7:3 6-6", "7:3 5-6"),
        ("7:3 5-9", "7:6 8-8 12-12", "7:9 12-12"),
    ])
    func `what two sessions have taken is joined`(
        left: String, right: String, union: String
    ) throws {
        let (left, right) = (try Self.acknowledgements(left), try Self.acknowledgements(right))
        for (one, other) in [(left, right), (right, left)] {
            var joined = one
            joined.formUnion(other)
            #expect(joined.text == union)
        }
    }

    /// Every operation must agree with a plain set of offsets.
    @Test(arguments: UInt64(0)..<50)
    func `it knows exactly what was taken`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var acknowledgements = Acknowledgements(epoch: Epoch(rawValue: 7), cursor: 0)
        var taken: Set<UInt64> = []
        for _ in 0..<60 {
            let offset = UInt64.random(in: 1...80, using: &random)
            if Int.random(in: 0..<8, using: &random) == 0 {
                acknowledgements.acknowledge(upTo: offset / 3)
                taken.formUnion((0..<offset / 3).map { $0 + 1 })
            } else {
                try acknowledgements.acknowledge(only: offset)
                taken.insert(offset)
            }
            #expect((1...81).filter { acknowledgements.contains($0) } == taken.sorted())
            let copy = try Self.acknowledgements(acknowledgements.text)
            #expect(copy == acknowledgements)
        }
    }

    @Test func `no more gaps are kept than the bound allows`() throws {
        var acknowledgements = Acknowledgements(epoch: Epoch(rawValue: 7), cursor: 0)
        let countMax = UInt64(Acknowledgements.rangesMax)
        for number in 1...countMax { try acknowledgements.acknowledge(only: number * 2) }
        let full = acknowledgements
        #expect(throws: Refusal.self) {
            try acknowledgements.acknowledge(only: countMax * 2 + 2)
        }
        #expect(acknowledgements == full)
        try acknowledgements.acknowledge(only: 1)
        try acknowledgements.acknowledge(only: countMax * 2 + 2)
        #expect(acknowledgements.ranges.count == Acknowledgements.rangesMax)
    }

    @Test(arguments: [
        "", "7", "7:x", "7:3 4-5", "7:3 6", "7:3 6-5", "7:3 8-9 5-6", "7:3 5-6 7-8", "7:3 5-6-7",
    ])
    func `a text that is no such thing is not read`(text: String) {
        #expect(Acknowledgements(text) == nil)
    }
}
