import TestSupport

/// The one source of chance of a run: the same seed throws the same dice, in every process.
final class Dice {
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// A number from 0 up to, not including, `count`.
    func below(_ count: Int) -> Int {
        // Plain remainder: the bias is far below what matters here, and it is quick.
        Int(random.next() >> 33) % count
    }

    /// True once in `count` times.
    func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    /// True so many times in a thousand.
    func perMille(_ share: Int) -> Bool { below(1_000) < share }

    /// A number within the range.
    func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(below(Int(range.upperBound - range.lowerBound) + 1))
    }

    /// One of the elements; there is at least one.
    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Any number of 64 bits.
    func next() -> UInt64 { random.next() }
}
