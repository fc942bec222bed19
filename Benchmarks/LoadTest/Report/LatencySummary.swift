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

    /// The names of `values`.
    static let columns = ["p50", "p90", "p99", "p99.9", "max"]

    /// The percentiles and the largest, in milliseconds.
    var values: [Double] { [p50, p90, p99, p999, max] }
}
