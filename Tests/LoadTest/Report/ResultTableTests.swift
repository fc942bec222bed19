import Measure
import Testing

@testable import LoadTest

struct ResultTableTests {
    private func histogram(_ us: [Int64]) -> Histogram {
        var histogram = Histogram()
        for us in us { histogram.record(us) }
        return histogram
    }

    private func report() -> TrafficReport {
        TrafficReport(
            scenario: "chat", connections: 2_000, rooms: 200, rate: 2_000, seconds: 30,
            sent: 64_000, expected: 640_000, delivered: 640_000, deliveriesPerSecond: 20_000.4,
            bytesPerDelivery: 231.2, lost: 0, duplicated: 0, reordered: 0, misplaced: 0,
            contradicted: 0, strayed: 0, unsent: 0, receiptsMissing: 0, failures: [],
            latency: LatencySummary(histogram([310, 1_000, 12_300])),
            receiptLatency: LatencySummary(histogram([])),
            lateness: LatencySummary(histogram([20])), serverCPUPerDeliveryUs: nil)
    }

    @Test func `groups stand below each other, in columns`() {
        #expect(
            report().text == """
                chat: 200 × 10 members, 2,000 msg/s, 30.0 s
                  published      64,000 with the warm-up
                  delivered      640,000 of 640,000   20,000/s   231 bytes each
                  correctness    every delivery once and in order
                  latency, ms          p50      p90      p99    p99.9      max
                    deliveries        1.01     12.3     12.3     12.3     12.3
                    receipts     nothing measured

                """)
    }

    @Test func `what is wrong is told, and nothing else`() {
        var report = report()
        report.lost = 1_234
        report.strayed = 1
        report.unsent = 2
        report.receiptsMissing = 3
        report.failures = ["2 × disconnected"]
        #expect(!report.isClean)
        #expect(
            report.text.contains(
                "correctness    lost 1,234   strayed 1   receipts missing 3   unsent 2\n"))
        #expect(report.text.contains("failed         2 × disconnected\n"))
    }

    @Test func `the shape has what is known of it`() {
        var report = report()
        report.rate = nil
        #expect(report.shape == "200 × 10 members")
        report.window = 64
        #expect(report.shape == "200 × 10 members, 64 unfinished")
        report.rooms = nil
        #expect(report.shape == "2,000 connections")
    }

    @Test func `reasons to mistrust come last`() {
        var report = report()
        report.warnings = ["too busy"]
        #expect(report.text.hasSuffix("\n  WARNING        too busy\n"))
    }

    @Test func `a storm tells when all were back, and what went wrong`() {
        var report = StormReport(
            connections: 10_000, rooms: 1_000, missed: 20, cutSeconds: 3.21,
            resume: LatencySummary(histogram([1_000_000, 2_250_000])), resumedSeconds: 2.25,
            behind: 0, answers: ["complete": 10_000], sent: 20_500, refused: 0,
            receiptLatency: LatencySummary(histogram([900])), expected: 205_000,
            delivered: 205_000, lost: 0, duplicated: 0, reordered: 0, misplaced: 0,
            contradicted: 0, strayed: 0, failures: [], warnings: [])
        #expect(report.isClean)
        #expect(
            report.text == """
                storm: 10,000 clients in 1,000 rooms come back at once
                  missed        20 each, in 3.2 s   all had it after 2.25 s
                  answers       10,000 × complete
                  publishes     20,500 sent   0 refused
                  traffic       205,000 of 205,000 delivered
                  correctness   every delivery once and in order
                  latency, ms         p50      p90      p99    p99.9      max
                    resume          1,008    2,250    2,250    2,250    2,250
                    receipts         0.90     0.90     0.90     0.90     0.90

                """)
        report.resumedSeconds = nil
        report.behind = 3
        report.refused = 7
        report.answers["reset"] = 2
        report.misplaced = 1
        #expect(!report.isClean)
        for words in ["3 never had it all", "7 refused", "2 × reset", "misplaced 1"] {
            #expect(report.text.contains(words))
        }
    }

    @Test func `idle connections tell what each costs`() {
        let report = IdleReport(
            connections: 10_000, alive: 9_999, residentBytesBefore: 20 << 20,
            residentBytesAfter: 30 << 20, residentBytesPerConnection: 1_048.6,
            serverShare: 0.012, failures: ["1 × disconnected"])
        #expect(
            report.text == """
                idle: 10,000 connections
                  connections   9,999 of 10,000 alive at the end
                  memory        1,049 bytes per connection   20.0 MiB before, 30.0 MiB after
                  server        1.2 % of a core
                  failed        1 × disconnected

                """)
    }

    @Test(
        arguments: [
            (0, "0"), (0.01234, "0.0123"), (0.5, "0.50"), (9.994, "9.99"), (12.34, "12.3"),
            (1_234.5, "1,235"), (-12.34, "-12.3"), (.infinity, "inf"),
        ] as [(Double, String)])
    func `numbers show the digits that count`(number: Double, text: String) {
        #expect(number.significant == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
        (.min, "-9,223,372,036,854,775,808"),
    ])
    func `thousands are apart`(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        (1_023, "1023 bytes"), (2_048, "2.0 KiB"), (3 << 20, "3.0 MiB"), (5 << 29, "2.50 GiB"),
        (-2_048, "-2.0 KiB"),
    ])
    func `bytes have the unit that suits them`(bytes: Int64, text: String) {
        #expect(bytes.bytesText == text)
    }
}
