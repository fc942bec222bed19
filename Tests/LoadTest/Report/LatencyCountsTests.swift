import Testing

@testable import LoadTest

struct LatencyCountsTests {
    @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 1_000, 999_999, 1 << 30 - 1, 1 << 30, .max])
    func `takes any latency`(us: Int64) {
        var counts = LatencyCounts()
        counts.record(us)
        #expect(counts.count == 1)
        #expect(counts.maxUs == us)
        #expect(counts.percentileUs(50) == us)
    }

    @Test(arguments: [1, 31, 32, 63, 64, 100, 1_000, 123_456, 9_999_999, 700_000_000])
    func `percentiles are at most a sixteenth too large and never too small`(us: Int64) {
        var counts = LatencyCounts()
        counts.record(us)
        counts.record(.max)
        let told = counts.percentileUs(50)
        #expect(told >= us)
        #expect(Double(told) <= Double(us) * (1 + 1.0 / 16))
    }

    @Test(arguments: [(50.0, 500), (90, 900), (99, 990), (99.9, 999), (100, 1_000)])
    func `a percentile is the least latency that so many do not exceed`(
        percent: Double, rank: Int
    ) {
        for scale in [1, 2, 3, 7, 50] {
            var counts = LatencyCounts()
            for _ in 0..<rank * scale { counts.record(1) }
            for _ in rank * scale..<1_000 * scale { counts.record(20) }
            #expect(counts.percentileUs(percent) == 1)
        }
    }

    @Test func `a negative latency counts as zero`() {
        var counts = LatencyCounts()
        counts.record(-5)
        #expect(counts.percentileUs(100) == 0)
        #expect(counts.count == 1)
    }

    @Test func `adds up`() {
        var sum = LatencyCounts()
        var other = LatencyCounts()
        sum.record(10)
        other.record(20)
        other.record(30)
        sum.add(other)
        sum.add(.empty)
        #expect(sum.count == 3)
        #expect(sum.percentileUs(50) == 20)
        #expect(sum.maxUs == 30)
        #expect(LatencyCounts.empty.count == 0)
    }

    @Test func `an empty one says zero`() {
        #expect(LatencyCounts().percentileUs(99) == 0)
    }
}
