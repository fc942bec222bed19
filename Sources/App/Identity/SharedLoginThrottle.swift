import Engine
import Transport

/// The throttle of nodes that share a store: what is tried at one counts at all of them.
///
/// Each account and each address has a token bucket, kept as the one time at which it will be full
/// again, in a lease that ends then: a full bucket takes no place. An attempt reads its two buckets
/// and writes both in one commit, unless another attempt came between; one that is refused only
/// reads. Names are stored as hashes, so that the place they take does not depend on what a stranger
/// types.
package struct SharedLoginThrottle: LoginThrottle {
    /// How often an attempt is counted again because another one came between. Who loses that often
    /// is not alone, and may try again in a second.
    private static let attemptsMax = 8

    private let store: any Store
    private let limits: LoginLimits

    package init(_ store: any Store, _ limits: LoginLimits) {
        self.store = store
        self.limits = limits
    }

    package func attempt(
        account: String, address: String, nowMs: Int64
    ) async throws(StoreError) -> Int? {
        let buckets = [
            Bucket("account", account, perMinute: limits.perAccountPerMinute),
            Bucket("address", address, perMinute: limits.perAddressPerMinute),
        ]
        for _ in 0..<Self.attemptsMax {
            let records = try await store.records(buckets.map(\.key))
            let found = zip(buckets, records)
            let waitMs = found.map { $0.waitMs($1, nowMs: nowMs) }.max() ?? 0
            guard waitMs == 0 else { return Int((waitMs + 999) / 1_000) }
            do throws(StoreError) {
                try await store.commit(found.map { $0.counted($1, nowMs: nowMs) })
                return nil
            } catch {
                guard case .conflict = error else { throw error }
            }
        }
        return 1
    }

    /// The attempts that one account or address has left.
    private struct Bucket {
        let key: RecordKey
        private let intervalMs: Int64
        private let wholeMs: Int64

        init(_ kind: String, _ name: String, perMinute: Int) {
            let hash = SHA256.hash(Array(name.utf8)).prefix(16)
            key = RecordKey("login-throttle", "\(kind)/\(Base64.encodeURL(Array(hash)))")
            intervalMs = 60_000 / Int64(perMinute)
            wholeMs = intervalMs * Int64(perMinute)
        }

        /// How long to wait for the next attempt; 0: it may be made now.
        func waitMs(_ record: Record?, nowMs: Int64) -> Int64 {
            // One attempt must fit beside those that have not yet drained.
            max(0, usedMs(record, nowMs: nowMs) + intervalMs - wholeMs)
        }

        /// What counts an attempt, unless another one was counted since the record was read.
        func counted(_ record: Record?, nowMs: Int64) -> Change {
            let fullAtMs = nowMs + usedMs(record, nowMs: nowMs) + intervalMs
            return .put(
                key, value: Array(String(fullAtMs).utf8),
                expecting: record.map { .version($0.version) } ?? .absent, expiresAtMs: fullAtMs)
        }

        /// Nodes' clocks may differ a little, and then a bucket seems fuller or emptier at some. One
        /// that is off by more than a bucket takes to fill shuts nobody out.
        private func usedMs(_ record: Record?, nowMs: Int64) -> Int64 {
            guard let record, let fullAtMs = Int64(String(decoding: record.value, as: UTF8.self))
            else { return 0 }
            let usedMs = fullAtMs - nowMs
            return (0...2 * wholeMs).contains(usedMs) ? min(usedMs, wholeMs) : 0
        }
    }
}
