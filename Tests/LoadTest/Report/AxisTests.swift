import Testing

@testable import LoadTest

struct AxisTests {
    @Test(
        arguments: [
            (0.0, ["0", "0.25", "0.50", "0.75", "1.00"]),
            (1, ["0", "0.25", "0.50", "0.75", "1.00"]),
            (3.1, ["0", "1", "2", "3", "4"]),
            (97, ["0", "25", "50", "75", "100"]),
            (20_000, ["0", "5k", "10k", "15k", "20k"]),
            (5_600_000, ["0", "2M", "4M", "6M"]),
            (10_000_000, ["0", "2.5M", "5.0M", "7.5M", "10.0M"]),
            (4_000, ["0", "1,000", "2,000", "3,000", "4,000"]),
            (0.003, ["0", "0.001", "0.002", "0.003"]),
            (.nan, ["0", "0.25", "0.50", "0.75", "1.00"]),
        ] as [(Double, [String])])
    func `a linear axis has round values up to the most`(most: Double, labels: [String]) {
        let axis = Axis.linear("x", upTo: most)
        #expect(axis.ticks.map(\.label) == labels)
        #expect(axis.fraction(of: 0) == 0)
        #expect(axis.fraction(of: axis.end) == 1)
        #expect(!(axis.end < most))
    }

    @Test func `an axis may end at a number that is not round`() {
        let axis = Axis.linear("x", endingAt: 12)
        #expect(axis.ticks.map(\.label) == ["0", "5", "10"])
        #expect(axis.fraction(of: 6) == 0.5)
    }

    @Test func `latencies are logarithmic only where they are far apart`() {
        #expect(Axis.latency("x", least: 1, most: 10).fraction(of: 0) == 0)
        #expect(Axis.latency("x", least: 1, most: 10).fraction(of: 5) == 0.5)
        let axis = Axis.latency("x", least: 1, most: 100)
        #expect(axis.ticks.map(\.label) == ["1", "2", "5", "10", "20", "50", "100"])
        #expect(axis.fraction(of: 10) == 0.5)
        #expect(axis.fraction(of: 0) == 0)
        #expect(axis.fraction(of: 1_000) == 1)
    }

    @Test func `a wide logarithmic axis names its ends and the powers of ten`() {
        let axis = Axis.logarithmic("x", from: 0.3, to: 431)
        #expect(axis.ticks.compactMap(\.label) == ["0.2", "1", "10", "100", "500"])
        #expect(axis.ticks.count == 11)
    }

    @Test(
        arguments: [
            (1, ["0", "50", "90"]), (100, ["0", "50", "90", "99"]),
            (5_000, ["0", "50", "90", "99", "99.9"]), (0, ["0", "50", "90"]),
        ] as [(UInt64, [String])])
    func `percentiles go as far as there are values`(count: UInt64, labels: [String]) {
        let axis = Axis.percentile("x", valueCount: count)
        #expect(axis.ticks.map(\.label) == labels)
        #expect(axis.fraction(of: 0) == 0)
        #expect(axis.fraction(of: 100) == 1)
    }

    @Test func `each further nine takes as much room`() {
        let axis = Axis.percentile("x", valueCount: 10_000)
        for (percent, fraction) in [(90, 0.25), (99, 0.5), (99.9, 0.75)] {
            #expect(abs(axis.fraction(of: percent) - fraction) < 1e-9)
        }
    }

    @Test(
        arguments: [
            (0.3, "t (s)", ["0", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30"]),
            (32, "t (s)", ["0", "10", "20", "30"]),
            (300, "t (min:s)", ["0:00", "1:00", "2:00", "3:00", "4:00", "5:00"]),
            (7_200, "t (h:min)", ["0:00", "0:30", "1:00", "1:30", "2:00"]),
            (0, "t (s)", ["0"]),
        ] as [(Double, String, [String])])
    func `time is in seconds, minutes or hours`(end: Double, title: String, labels: [String]) {
        let axis = Axis.time("t", from: 0, to: end)
        #expect(axis.title == title)
        #expect(Array(axis.ticks.map(\.label).prefix(labels.count)) == labels)
        #expect(axis.ticks.count <= 8)
    }
}
