import Engine

/// A record as it lies in Redis: `version:expiry:value`, the numbers in decimal, the expiry empty
/// where there is none.
enum RedisRecord {
    /// The bytes before the value at most.
    static let headBytesMax = 20 + 1 + 19 + 1
    /// How long Redis keeps what has expired. By then no node's clock should be that much behind, and
    /// whoever still saw it had it absent.
    private static let slackMs: Int64 = 60_000
    /// What expires later than this is left to stay: Redis refuses times that are too far away.
    private static let lifetimeMaxMs: Int64 = 100 * 365 * 24 * 3_600_000

    static func bytes(_ record: Record) -> [UInt8] {
        Array("\(record.version):\(expiry(record.expiresAtMs)):".utf8) + record.value
    }

    /// Nil for bytes that are no record.
    static func record(in bytes: [UInt8]) -> Record? {
        guard let first = bytes.firstIndex(of: colon),
            let version = UInt64(String(decoding: bytes[..<first], as: UTF8.self)),
            let second = bytes[(first + 1)...].firstIndex(of: colon)
        else { return nil }
        var expiresAtMs: Int64?
        if second > first + 1 {
            expiresAtMs = Int64(String(decoding: bytes[(first + 1)..<second], as: UTF8.self))
            if expiresAtMs == nil { return nil }
        }
        return Record(
            value: Array(bytes[(second + 1)...]), version: version, expiresAtMs: expiresAtMs)
    }

    /// An expiry as it is written. Times before 1970 count as 1970.
    static func expiry(_ expiresAtMs: Int64?) -> String {
        expiresAtMs.map { String(max($0, 0)) } ?? ""
    }

    /// Milliseconds after which Redis may forget a record; nil: it keeps it.
    static func lifetimeMs(expiresAtMs: Int64?, nowMs: Int64) -> Int64? {
        guard let expiresAtMs else { return nil }
        let left = max(expiresAtMs, 0) - max(nowMs, 0)
        if left > lifetimeMaxMs { return nil }
        return max(left, 0) + slackMs
    }

    private static let colon = UInt8(ascii: ":")
}

extension Record {
    /// Whether the record is there at a time.
    func isAlive(atMs nowMs: Int64) -> Bool {
        expiresAtMs.map { $0 > nowMs } ?? true
    }
}
