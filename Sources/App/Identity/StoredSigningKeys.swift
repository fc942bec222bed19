import Engine

/// The signing keys of nodes that share a store and no directory: one record, as a file would hold
/// them. Whoever can read the store can sign as anybody.
package enum StoredSigningKeys {
    static let key = RecordKey("signing-keys", "current")

    /// The keys in the store, which are made where there are none. Of several nodes that start at the
    /// same time on an empty store, all use the same.
    package static func load(
        from store: any Store, random: RandomBytes = SystemRandom.bytes
    ) async throws(SigningKeyError) -> SigningKeys {
        if let keys = try await find(in: store) { return keys }
        do {
            try await store.commit([
                .put(key, value: SigningKeyList.made(random: random), expecting: .absent)
            ])
        } catch {
            switch error {
            // Another node was first.
            case .conflict: break
            case .unavailable(let reason): throw .store(reason: reason)
            }
        }
        guard let keys = try await find(in: store) else {
            throw .store(reason: "the keys were gone right after they were made")
        }
        return keys
    }

    private static func find(
        in store: any Store
    ) async throws(SigningKeyError) -> SigningKeys? {
        let record: Record?
        do {
            record = try await store.records([key])[0]
        } catch {
            switch error {
            case .conflict(let key): throw .store(reason: "reading is in conflict over \(key)")
            case .unavailable(let reason): throw .store(reason: reason)
            }
        }
        return try record.map { record throws(SigningKeyError) in
            try SigningKeyList.keys(in: record.value, at: "the record \(key)")
        }
    }
}
