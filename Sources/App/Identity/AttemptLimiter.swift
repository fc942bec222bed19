/// Allows each key so many attempts at once and the same number per minute after that: a token
/// bucket, kept as the one time at which it will be full again.
///
/// Keys are hash values, so that memory does not depend on what a stranger types; a collision only
/// makes two keys share a bucket.
struct AttemptLimiter: Sendable {
    private let perMinute: Int64
    private let bucketsMax: Int
    /// When each bucket is full again, in milliseconds; a key without one has a full bucket.
    private var fullAtMs: [Int: Int64] = [:]

    /// `bucketsMax` bounds the memory. When it is reached, the buckets that are nearest to full are
    /// forgotten first, a quarter of all at once.
    init(perMinute: Int, bucketsMax: Int) {
        precondition(
            perMinute > 0 && perMinute <= 60_000 && bucketsMax >= 4, "limits that can work")
        self.perMinute = Int64(perMinute)
        self.bucketsMax = bucketsMax
    }

    var bucketCount: Int { fullAtMs.count }

    /// How long the key has to wait before its next attempt; 0: it may try now.
    func waitMs(_ key: Int, nowMs: Int64) -> Int64 {
        guard let fullAt = fullAtMs[key] else { return 0 }
        // One attempt must fit beside those that have not yet drained.
        return max(0, fullAt + intervalMs - perMinute * intervalMs - nowMs)
    }

    /// Counts an attempt.
    mutating func record(_ key: Int, nowMs: Int64) {
        if fullAtMs[key] == nil, fullAtMs.count >= bucketsMax { makeRoom(nowMs: nowMs) }
        fullAtMs[key] = max(fullAtMs[key] ?? nowMs, nowMs) + intervalMs
    }

    private var intervalMs: Int64 { 60_000 / perMinute }

    private mutating func makeRoom(nowMs: Int64) {
        fullAtMs = fullAtMs.filter { $0.value > nowMs }
        guard fullAtMs.count >= bucketsMax else { return }
        for (key, _) in fullAtMs.sorted(by: { $0.value < $1.value }).prefix(bucketsMax / 4) {
            fullAtMs[key] = nil
        }
    }
}
