import Engine

/// How long notifications are kept, and the removal of those beyond. It is not published: the
/// streams forget by the same rule.
package struct NotificationRetention: Sendable {
    /// The newest of a user that are kept.
    static let countMax = 1_000
    static let ageMaxMs: Int64 = 90 * 24 * 60 * 60 * 1_000

    /// What the streams of notifications keep.
    static let ofStreams = Retention(countMax: countMax, ageMaxMs: ageMaxMs)

    /// Removed in one commit.
    private static let pieceSize = 128

    private let store: any Store
    private let now: @Sendable () -> Int64

    /// `now` gives milliseconds since 1970.
    package init(store: any Store, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    /// Looks every minute for what is too old.
    package var chore: Upkeep.Chore {
        Upkeep.Chore("old-notifications", every: .seconds(60)) { () throws(StoreError) in
            try await removeOld()
        }
    }

    /// Removes the oldest of a user's notifications where there are more than are kept, up to a piece
    /// of them.
    func trim(of user: UserID) async throws(StoreError) {
        let index = NotificationRecords.all(of: user)
        let excess = try await store.count(of: index, in: .all) - Self.countMax
        guard excess > 0 else { return }
        _ = try await drop(
            try await store.entries(
                of: index, in: .all, descending: false, skip: 0,
                limit: min(excess, Self.pieceSize)))
    }

    /// Removes what is older than is kept, up to a piece of it; returns whether there may be more.
    func removeOld() async throws(StoreError) -> Bool {
        let entries = try await store.entries(
            of: NotificationRecords.everybodys,
            in: IndexRange(upTo: (now() - Self.ageMaxMs).sortKey), descending: false, skip: 0,
            limit: Self.pieceSize)
        return try await drop(entries) && entries.count == Self.pieceSize
    }

    /// False where somebody else was first: the next time finds what is left.
    private func drop(_ entries: [IndexEntry]) async throws(StoreError) -> Bool {
        let found = try await store.notifications(listedBy: entries)
        guard !found.isEmpty else { return true }
        do throws(StoreError) {
            try await store.commit(
                found.flatMap { NotificationRecords.dropping($0.notification, version: $0.version) }
            )
            return true
        } catch {
            guard case .conflict = error else { throw error }
            return false
        }
    }
}
