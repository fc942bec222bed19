import Testing

@testable import Measure

struct HistogramTests {
    /// A generator whose numbers are the same in every run (SplitMix64).
    private struct SeededRandom: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
            return mixed ^ mixed >> 31
        }
    }

    @Test(arguments: [0, 1, 2, 3], [1, 10, 1_000, 50_000])
    func `percentiles are within a bucket of the exact ones`(seed: UInt64, count: Int) {
        var random = SeededRandom(state: seed)
        // Each magnitude is as likely as another, as latencies are.
        let values = (0..<count).map { _ in
            Int64.random(in: 0...1 << Int64.random(in: 0...40, using: &random), using: &random)
        }
        var histogram = Histogram()
        for value in values { histogram.record(value) }
        let sorted = values.sorted()
        for percent in [0.0, 1, 25, 50, 90, 99, 99.9, 100] {
            let rank = max(1, Int((percent / 100 * Double(count)).rounded(.up)))
            let exact = sorted[rank - 1]
            let told = histogram.percentile(percent)
            #expect(told >= exact)
            #expect(Double(told) <= Double(exact) * (1 + 1.0 / 64))
        }
        #expect(histogram.max == sorted.last)
        #expect(histogram.count == UInt64(count))
    }

    @Test func `small values are exact`() {
        for value in Int64(0)..<128 {
            var histogram = Histogram()
            histogram.record(value)
            histogram.record(1_000_000)
            #expect(histogram.percentile(50) == value)
        }
    }

    @Test(arguments: [0, 127, 128, 129, 255, 256, Int64.max - 1, .max])
    func `takes any value`(value: Int64) {
        var histogram = Histogram()
        histogram.record(value)
        #expect(histogram.percentile(50) == value)
        #expect(histogram.max == value)
    }

    @Test func `a negative value counts as zero`() {
        var histogram = Histogram()
        histogram.record(-5)
        #expect(histogram.percentile(100) == 0)
        #expect(histogram.count == 1)
    }

    @Test func `an empty one says zero`() {
        let histogram = Histogram()
        #expect(histogram.percentile(99) == 0)
        #expect(histogram.mean == 0)
    }

    @Test func `the mean is exact`() {
        var histogram = Histogram()
        for value in [1_000_001, 2, 3] as [Int64] { histogram.record(value) }
        #expect(histogram.mean == 1_000_006.0 / 3)
    }
}
