/// How many items there are of each kind, and a checksum of all of them that does not depend on their
/// order: the sums of two hashes of each.
struct ArchiveDigest: Hashable, Sendable, CustomStringConvertible {
    private(set) var tally = CommunityTally()
    private var sums: (UInt64, UInt64) = (0, 0)

    mutating func add(_ item: ArchiveItem) {
        tally.add(item)
        let bytes = item.bytes
        sums.0 &+= Self.hash(bytes, seed: 0xcbf2_9ce4_8422_2325)
        sums.1 &+= Self.hash(bytes, seed: 0x9e37_79b9_7f4a_7c15)
    }

    /// The sums as they are told.
    var checksum: String { "\(String(sums.0, radix: 16))-\(String(sums.1, radix: 16))" }

    var description: String { "\(tally.count) items with the checksum \(checksum)" }

    static func == (left: ArchiveDigest, right: ArchiveDigest) -> Bool {
        left.tally == right.tally && left.sums == right.sums
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(tally)
        hasher.combine(sums.0)
        hasher.combine(sums.1)
    }

    /// Takes eight bytes a step, and mixes at the end as SplitMix64 does.
    private static func hash(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        var hash = seed ^ UInt64(bytes.count)
        var word: UInt64 = 0
        var filled = 0
        func mixed(_ value: UInt64) -> UInt64 {
            var value = value
            value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return value ^ (value >> 31)
        }
        for byte in bytes {
            word = word << 8 | UInt64(byte)
            filled += 1
            if filled == 8 {
                hash = mixed(hash ^ word) &+ seed
                (word, filled) = (0, 0)
            }
        }
        return mixed(hash ^ word)
    }
}
