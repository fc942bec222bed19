/// A timeline as the JSON report has it: at most 128 points of equal length.
struct TimelineSummary: Codable, Hashable, Sendable {
    /// Between two moments, in seconds since the first message was due.
    struct Point: Codable, Hashable, Sendable {
        let from: Double
        let to: Double
        let published: Int64
        let delivered: Int64
        /// In milliseconds; nil where no latency is known.
        let p50: Double?
        let p99: Double?
        let max: Double?

        /// The time it stands for, in seconds; never 0.
        var seconds: Double { Swift.max(to - from, 0.001) }
    }

    /// What processes used between two moments, in seconds as above.
    struct Usage: Codable, Hashable, Sendable {
        let from: Double
        let to: Double
        /// Of one core: 1 is all of it. Nil where the server's process is unknown.
        let serverShare: Double?
        let serverResidentBytes: Int64?
        let generatorShare: Double
    }

    /// A moment that was noted, in seconds as above.
    struct Mark: Codable, Hashable, Sendable {
        let at: Double
        let label: String
    }

    let points: [Point]
    let usage: [Usage]
    let marks: [Mark]

    private static let pointsMax = 128
    /// A point with fewer messages would show how the schedule falls into buckets and not the rate.
    private static let publishedMin: Int64 = 20
    private static let pointsMin = 16

    /// Of a run that nobody took down.
    static let empty = TimelineSummary(Timeline(startUs: 0))

    /// Joins buckets until there are few enough of them, and enough in each.
    init(_ timeline: Timeline) {
        var width = (timeline.bucketCount + Self.pointsMax - 1) / Self.pointsMax
        var buckets = timeline.buckets(joining: width)
        let published = buckets.reduce(0) { $0 + $1.bucket.published }
        // Where others publish, there is no rate of ours to show.
        while published > 0, buckets.count >= Self.pointsMin * 2,
            published < Self.publishedMin * Int64(buckets.count)
        {
            width *= 2
            buckets = timeline.buckets(joining: width)
        }
        points = buckets.map { fromUs, toUs, bucket in
            let count = bucket.latencies.count
            func milliseconds(_ us: Int64) -> Double? { count > 0 ? Double(us) / 1_000 : nil }
            return Point(
                from: Double(fromUs) / 1_000_000, to: Double(toUs) / 1_000_000,
                published: bucket.published, delivered: bucket.delivered,
                p50: milliseconds(bucket.latencies.percentileUs(50)),
                p99: milliseconds(bucket.latencies.percentileUs(99)),
                max: milliseconds(bucket.latencies.maxUs))
        }
        usage = timeline.usage.spans.map { span in
            Usage(
                from: Double(span.fromUs) / 1_000_000, to: Double(span.toUs) / 1_000_000,
                serverShare: span.serverShare, serverResidentBytes: span.serverResidentBytes,
                generatorShare: span.generatorShare)
        }
        marks = timeline.marks.map {
            Mark(at: Double($0.atUs - timeline.startUs) / 1_000_000, label: $0.label)
        }
    }
}
