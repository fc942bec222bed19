import Measure
import Testing

@testable import LoadTest

struct ReportTests {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 1, "1.0"), (1.06, 1, "1.1"), (99.999, 2, "100.00"),
        (-0.4, 0, "0"), (-2.25, 2, "-2.25"), (12_345.6, 0, "12346"),
    ])
    func `numbers have as many decimals as asked for`(number: Double, decimals: Int, text: String) {
        #expect(number.fixed(decimals) == text)
    }

    @Test func `latencies are told in milliseconds`() {
        var histogram = Histogram()
        for us in [100, 100, 100, 100_000] as [Int64] { histogram.record(us) }
        let summary = LatencySummary(histogram)
        #expect(summary.p50 == 0.1)
        #expect(summary.max == 100)
    }

    @Test func `failures are told once each, with their number`() {
        var log = FailureLog()
        for failure in [.disconnected, .refused("too-slow"), .disconnected] as [ClientFailure] {
            log.add(failure)
        }
        #expect(log.lines == ["2 × disconnected", "1 × refused: too-slow"])
    }

    @Test(
        arguments: [
            ("1a:42", 42), ("x\\c7", 7), ("0:0", 0), ("12", 12), ("", nil), ("a:", nil),
            ("1:1234567890123456789", nil),
        ] as [(String, Int64?)])
    func `an offset is the number that ends a position`(text: String, offset: Int64?) {
        #expect(Array(text.utf8).span.trailingNumber == offset)
    }
}
