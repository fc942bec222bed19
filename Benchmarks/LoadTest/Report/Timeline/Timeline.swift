/// What a run published and received over time, in bounded memory for any duration.
///
/// Time is cut into buckets of equal length, 100 ms at first. Where their number would pass 512, two
/// each become one. A delivery costs a few nanoseconds.
struct Timeline: Sendable {
    /// What happened between two moments.
    struct Bucket: Sendable {
        var published: Int64 = 0
        /// Deliveries whose latencies nobody knows.
        var counted: Int64 = 0
        var latencies = LatencyCounts.empty

        /// Takes in what happened in another one.
        mutating func add(_ other: Bucket) {
            published += other.published
            counted += other.counted
            latencies.add(other.latencies)
        }

        /// All deliveries.
        var delivered: Int64 { counted + Int64(latencies.count) }
    }

    /// A moment worth a line in the plot.
    struct Mark: Hashable, Sendable {
        let label: String
        let atUs: Int64
    }

    let startUs: Int64
    private(set) var bucketUs: Int64
    private(set) var marks: [Mark] = []
    private(set) var usage: UsageTrack
    private var past: [Bucket] = []
    private var current = Bucket()
    /// Where the current bucket ends.
    private var boundaryUs: Int64
    private var lastUs: Int64

    /// Even, so that the current bucket begins a pair when the others become half as many.
    private static let pastMax = 512
    private static let firstBucketUs: Int64 = 100_000
    private static let marksMax = 16

    init(startUs: Int64) {
        self.startUs = startUs
        bucketUs = Self.firstBucketUs
        boundaryUs = startUs + Self.firstBucketUs
        lastUs = startUs
        usage = UsageTrack(startUs: startUs)
    }

    // MARK: Feeding

    /// Counts a message that left. Times ascend over all calls; one that does not counts as now.
    mutating func published(atUs nowUs: Int64) {
        if nowUs >= boundaryUs { advance(toUs: nowUs) }
        current.published &+= 1
    }

    /// Counts a message that came, and how long it was under way.
    mutating func delivered(atUs nowUs: Int64, latencyUs: Int64) {
        if nowUs >= boundaryUs { advance(toUs: nowUs) }
        current.latencies.record(latencyUs)
    }

    /// Counts deliveries that nobody looked into.
    mutating func counted(_ count: Int, atUs nowUs: Int64) {
        if nowUs >= boundaryUs { advance(toUs: nowUs) }
        current.counted &+= Int64(count)
    }

    /// Asks what the processes have used, about twice a second; call it as often as you like.
    mutating func sampleUsage(atUs nowUs: Int64, _ read: () -> UsageTrack.Reading) {
        usage.sample(atUs: nowUs, read)
    }

    /// Notes a moment such as "all cut off"; the first 16 are kept.
    mutating func mark(_ label: String, atUs nowUs: Int64) {
        if marks.count < Self.marksMax { marks.append(Mark(label: label, atUs: nowUs)) }
    }

    /// Ends the last bucket at `nowUs`, so that its rate is right; with what was used up to then.
    mutating func finish(atUs nowUs: Int64, _ reading: UsageTrack.Reading? = nil) {
        if let reading { usage.finish(atUs: nowUs, reading) }
        if nowUs >= boundaryUs { advance(toUs: nowUs) }
        lastUs = max(lastUs, nowUs)
    }

    /// Opens the bucket that `nowUs` is in.
    private mutating func advance(toUs nowUs: Int64) {
        while nowUs >= boundaryUs {
            past.append(current)
            current = Bucket()
            if past.count == Self.pastMax { halve() }
            boundaryUs = startUs + Int64(past.count + 1) * bucketUs
        }
        lastUs = max(lastUs, nowUs)
    }

    private mutating func halve() {
        for index in 0..<past.count / 2 {
            var pair = past[index * 2]
            pair.add(past[index * 2 + 1])
            past[index] = pair
        }
        past.removeSubrange(past.count / 2..<past.count)
        bucketUs *= 2
    }

    // MARK: Reading

    /// The end of the last bucket: what `finish` said, or the latest boundary before it.
    var endUs: Int64 { max(lastUs, startUs + Int64(past.count) * bucketUs) }

    /// What happened lately, in the last bucket that is complete and as many before it as make up a
    /// second; with the time they took. Nil while none is complete.
    var recent: (bucket: Bucket, us: Int64)? {
        let count = min(past.count, max(1, Int(1_000_000 / bucketUs)))
        guard count > 0 else { return nil }
        var sum = Bucket()
        for bucket in past.suffix(count) { sum.add(bucket) }
        return (sum, Int64(count) * bucketUs)
    }

    /// The buckets, `width` of them joined to one, each with the microseconds since the start at
    /// which it begins and ends. What is left at the end and short joins the one before.
    func buckets(joining width: Int) -> [(fromUs: Int64, toUs: Int64, bucket: Bucket)] {
        var all = past
        if endUs > startUs + Int64(past.count) * bucketUs || past.isEmpty { all.append(current) }
        var joined: [(fromUs: Int64, toUs: Int64, bucket: Bucket)] = []
        for start in stride(from: 0, to: all.count, by: width) {
            var sum = Bucket()
            for bucket in all[start..<min(start + width, all.count)] { sum.add(bucket) }
            let fromUs = Int64(start) * bucketUs
            let toUs = min(fromUs + Int64(width) * bucketUs, endUs - startUs)
            if let last = joined.indices.last, toUs - fromUs < Int64(width) * bucketUs / 2 {
                joined[last].bucket.add(sum)
                joined[last].toUs = toUs
            } else {
                joined.append((fromUs, toUs, sum))
            }
        }
        return joined
    }

    /// How many buckets there are, the current one included.
    var bucketCount: Int { past.count + 1 }
}
