import Engine

/// An entry of an index as a member of a sorted set whose scores are all 0, which Redis orders by
/// their bytes: the sort key with each byte 00 doubled to 00 FF, then 00 01, then the id. No sort key
/// that goes on is below one that ends there.
enum RedisIndexMember {
    static func bytes(_ entry: IndexEntry) -> [UInt8] {
        prefix(entry.sortKey) + entry.id.utf8
    }

    /// Nil for bytes that are no entry.
    static func entry(in bytes: [UInt8]) -> IndexEntry? {
        var sortKey: [UInt8] = []
        var place = 0
        while place < bytes.count {
            guard bytes[place] == 0 else {
                sortKey.append(bytes[place])
                place += 1
                continue
            }
            guard place + 1 < bytes.count else { return nil }
            switch bytes[place + 1] {
            case escape: sortKey.append(0)
            case end:
                guard let id = String(validating: bytes[(place + 2)...], as: UTF8.self) else {
                    return nil
                }
                return IndexEntry(sortKey: sortKey, id: id)
            default: return nil
            }
            place += 2
        }
        return nil
    }

    /// Where a range begins, as `ZRANGEBYLEX` takes it.
    static func lowest(_ range: IndexRange) -> [UInt8] {
        range.lowest.map { [UInt8(ascii: "[")] + prefix($0) } ?? [UInt8(ascii: "-")]
    }

    /// Where a range ends, as `ZRANGEBYLEX` takes it.
    static func end(_ range: IndexRange) -> [UInt8] {
        range.end.map { [UInt8(ascii: "(")] + prefix($0) } ?? [UInt8(ascii: "+")]
    }

    private static let escape: UInt8 = 0xff
    private static let end: UInt8 = 0x01

    /// What every entry of a sort key begins with.
    private static func prefix(_ sortKey: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sortKey.count + 2)
        for byte in sortKey {
            bytes.append(byte)
            if byte == 0 { bytes.append(escape) }
        }
        bytes += [0, end]
        return bytes
    }
}
