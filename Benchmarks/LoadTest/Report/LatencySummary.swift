import Measure

/// The usual percentiles of a histogram of microseconds, in milliseconds.
struct LatencySummary: Codable, Hashable, Sendable {
    let count: UInt64
    let mean: Double
    let p50: Double
    let p90: Double
    let p99: Double
    let p999: Double
    let max: Double

    init(_ histogram: Histogram) {
        func milliseconds(_ us: Int64) -> Double { Double(us) / 1_000 }
        count = histogram.count
        mean = histogram.mean / 1_000
        p50 = milliseconds(histogram.percentile(50))
        p90 = milliseconds(histogram.percentile(90))
        p99 = milliseconds(histogram.percentile(99))
        p999 = milliseconds(histogram.percentile(99.9))
        max = milliseconds(histogram.max)
    }

    /// One line for people.
    var text: String {
        guard count > 0 else { return "nothing measured" }
        let parts = [("p50", p50), ("p90", p90), ("p99", p99), ("p99.9", p999), ("max", max)]
        return parts.map { "\($0.0) \($0.1.fixed(2))" }.joined(separator: "  ") + " ms"
    }
}
