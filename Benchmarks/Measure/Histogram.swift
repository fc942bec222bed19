/// Counts values in buckets whose width grows with the value, so that any percentile is known to
/// within 1.6 % in 30 KB, however many values there are.
///
/// Values below 128 have a bucket each; above, each power of two is cut into 64 equal buckets.
public struct Histogram: Sendable {
    private var counts = [UInt64](repeating: 0, count: bucketCount)
    public private(set) var count: UInt64 = 0
    /// The largest value as it was recorded; 0 while there is none.
    public private(set) var max: Int64 = 0
    private var sum: Int64 = 0

    /// Powers of two are cut into this many buckets: 2^6.
    private static let subBucketBits = 6
    private static let bucketCount = (64 - subBucketBits) << subBucketBits

    public init() {}

    /// Counts one value. A negative one, from clocks read in the wrong order, counts as 0.
    public mutating func record(_ value: Int64) {
        let value = Swift.max(0, value)
        counts[Self.bucket(of: value)] &+= 1
        count &+= 1
        sum &+= value
        if value > max { max = value }
    }

    /// A value that `percent` % of the recorded ones don't exceed: the upper end of the bucket, at
    /// most the largest value. 0 while nothing is recorded.
    public func percentile(_ percent: Double) -> Int64 {
        let rank = Swift.max(1, UInt64((percent / 100 * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for index in counts.indices {
            seen += counts[index]
            if seen >= rank { return Swift.min(max, Self.upperEnd(of: index)) }
        }
        return max
    }

    /// The mean, exact; 0 while nothing is recorded.
    public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    private static func bucket(of value: Int64) -> Int {
        let shift = shift(of: value)
        return shift << subBucketBits &+ Int(value &>> Int64(shift))
    }

    /// How many low bits the bucket of a value leaves out.
    private static func shift(of value: Int64) -> Int {
        Swift.max(0, 63 &- value.leadingZeroBitCount &- subBucketBits)
    }

    /// The largest value that falls into a bucket.
    private static func upperEnd(of bucket: Int) -> Int64 {
        guard bucket >= 1 << (subBucketBits + 1) else { return Int64(bucket) }
        let shift = bucket >> subBucketBits - 1
        let leading = Int64(bucket - shift << subBucketBits)
        // The last bucket ends at the largest number there is.
        return (leading + 1) << Int64(shift) &- 1
    }
}
