/// A histogram small enough to have hundreds of: any percentile to within 6.3 % in 3.4 KB.
///
/// Microseconds below 32 have a slot each; above, each power of two is cut into 16 equal slots.
/// Latencies beyond 17 minutes share the last one.
struct LatencyCounts: Hashable, Sendable {
    private var counts = [UInt64](repeating: 0, count: slotCount)
    /// The largest latency as it was recorded, in microseconds; 0 while there is none.
    private(set) var maxUs: Int64 = 0

    /// Powers of two are cut into this many slots: 2^4.
    private static let subSlotBits: Int64 = 4
    private static let recordedMaxUs: Int64 = 1 << 30 - 1
    private static let slotCount = slot(of: recordedMaxUs) + 1

    /// Nothing recorded; copies share one array until they record.
    static let empty = LatencyCounts()

    /// Counts one latency. A negative one, from clocks read in the wrong order, counts as 0.
    mutating func record(_ us: Int64) {
        counts[Self.slot(of: Swift.max(0, Swift.min(us, Self.recordedMaxUs)))] &+= 1
        if us > maxUs { maxUs = us }
    }

    /// Takes in all that another one has recorded.
    mutating func add(_ other: LatencyCounts) {
        guard other != .empty else { return }
        for slot in counts.indices { counts[slot] &+= other.counts[slot] }
        maxUs = max(maxUs, other.maxUs)
    }

    /// How many were recorded.
    var count: UInt64 { counts.reduce(0, &+) }

    /// A latency that `percent` % of the recorded ones don't exceed, in microseconds: the upper end
    /// of the slot, at most the largest one. 0 while nothing is recorded.
    func percentileUs(_ percent: Double) -> Int64 {
        // 99.9 % of 1,000 is a little more than 999 in binary, and would become 1,000.
        let exact = percent / 100 * Double(count) * (1 - 4 * .ulpOfOne)
        let rank = max(1, UInt64(exact.rounded(.up)))
        var seen: UInt64 = 0
        for slot in counts.indices {
            seen += counts[slot]
            // The last slot has no end of its own.
            if seen >= rank, slot < Self.slotCount - 1 {
                return min(maxUs, Self.upperEnd(of: slot))
            }
        }
        return maxUs
    }

    private static func slot(of us: Int64) -> Int {
        let shift = Swift.max(0, 63 &- Int64(us.leadingZeroBitCount) &- subSlotBits)
        return Int(shift << subSlotBits &+ us &>> shift)
    }

    /// The largest latency that falls into a slot.
    private static func upperEnd(of slot: Int) -> Int64 {
        let slot = Int64(slot)
        guard slot >= 1 << (subSlotBits + 1) else { return slot }
        let shift = slot >> subSlotBits - 1
        return (slot - shift << subSlotBits + 1) << shift - 1
    }
}
