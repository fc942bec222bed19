import Measure
import Testing

/// Where the buckets of latencies change their width, which figures of a report hang on.
struct HistogramEdgeTests {
    /// The numbers around each power of two.
    private static let edges: [Int64] = (0...61).flatMap { power in
        [-1, 0, 1].map { (Int64(1) << Int64(power)) + $0 }
    }

    @Test func `a value is told as at most a sixty-fourth larger, and never as smaller`() {
        for value in Self.edges {
            var histogram = Histogram()
            histogram.record(value)
            histogram.record(.max)
            let told = histogram.percentile(50)
            #expect(told >= value)
            #expect(told - value <= value / 64, "\(value) told as \(told)")
        }
    }

    @Test func `percentiles ascend, from the least to the largest`() {
        var histogram = Histogram()
        for value in Self.edges { histogram.record(value) }
        let told = stride(from: 0.0, through: 100, by: 0.5).map { histogram.percentile($0) }
        #expect(told == told.sorted())
        #expect(told.first == 0)
        #expect(told.last == Self.edges.max())
    }

    @Test func `one far outlier shows in the last percentile alone`() {
        var histogram = Histogram()
        for _ in 0..<9_999 { histogram.record(100) }
        histogram.record(5_000_000)
        #expect(histogram.percentile(99.9) == 100)
        #expect(histogram.percentile(99.99) == 100)
        #expect(histogram.percentile(99.999) == 5_000_000)
        #expect(histogram.max == 5_000_000)
    }

    @Test(arguments: [0.0, 50, 99.999, 100])
    func `the only value is every percentile`(percent: Double) {
        var histogram = Histogram()
        histogram.record(123_457)
        #expect(histogram.percentile(percent) == 123_457)
    }
}
