import Engine

/// A client's own name for one change, by which asking for it again is recognised for 24 hours.
///
/// The change's commit writes the claim, so that of any number of equal requests one is carried out;
/// the others find what came of it.
struct Claim: Sendable, Hashable {
    private static let lifetimeMs: Int64 = 24 * 60 * 60 * 1_000

    let record: RecordKey

    /// Keys of different operations and users never meet.
    init(_ operation: String, _ key: IdempotencyKey, by user: UserID) {
        record = RecordKey("claim", "\(operation)/\(user)/\(key.text)")
    }

    /// What belongs into the change's commit; `outcome` is what later requests need to answer.
    func taken(for outcome: String, nowMs: Int64) -> Change {
        .put(
            record, value: Array(outcome.utf8), expecting: .absent,
            expiresAtMs: nowMs + Self.lifetimeMs)
    }

    /// What came of the change; nil where it was not carried out.
    func outcome(in store: any Store) async throws(StoreError) -> String? {
        try await store.records([record])[0].map { String(decoding: $0.value, as: UTF8.self) }
    }
}
