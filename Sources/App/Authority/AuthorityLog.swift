import Engine

/// The community's log of changed authority: who was shut out, has another role or name, lost a
/// token or a room, and which rooms were closed to everybody. Every node follows it with an `AuthorityWatch`.
///
/// An entry is part of the commit that makes the change, so there is no change without one.
package struct AuthorityLog: Sendable {
    /// What has changed. It is written down for whoever looks into the store: sessions ask anew
    /// whatever it was.
    enum Kind: String, CaseIterable, Sendable {
        case disabled
        case enabled
        case role
        case nickname
        case password
        case tokens
        case kicked
        case readmitted
        /// The account is gone.
        case departed
        /// The user's connections are to be closed, though nothing has changed.
        case disconnected
    }

    private static let index = "authority"
    /// Entries read, or deleted, at a time.
    private static let pageMax = 1_000

    private let store: any Store
    private let now: @Sendable () -> Int64
    private let random: RandomBytes
    private let tell: @Sendable (AuthorityNews) -> Void

    /// `now` gives milliseconds since 1970. `tell` hears of every change that is made through this
    /// log, as soon as it is stored, and must return at once.
    package init(
        store: any Store, random: @escaping RandomBytes = SystemRandom.bytes,
        now: @escaping @Sendable () -> Int64,
        telling tell: @escaping @Sendable (AuthorityNews) -> Void = { _ in }
    ) {
        self.store = store
        self.random = random
        self.now = now
        self.tell = tell
    }

    /// Commits changes that are also changes of a user's authority, of these kinds; none: of no
    /// kind.
    func commit(
        _ changes: [Change], _ kinds: [Kind], of user: UserID
    ) async throws(StoreError) {
        try await store.commit(changes + kinds.map { .insert(entry($0, user), index: Self.index) })
        for news in Set(kinds.map { AuthorityNews($0, user) }) { tell(news) }
    }

    /// Commits changes that close a room to everybody. `afterwards` is done before those inside hear
    /// of it here.
    func commit(
        _ changes: [Change], closing room: ChatID, afterwards: () async -> Void
    ) async throws(StoreError) {
        let entry = IndexEntry(sortKey: sortKey(), id: AuthorityNews.id(ofClosed: room))
        try await store.commit(changes + [.insert(entry, index: Self.index)])
        await afterwards()
        tell(.closed(room))
    }

    private func entry(_ kind: Kind, _ user: UserID) -> IndexEntry {
        IndexEntry(sortKey: sortKey(), id: "\(kind.rawValue)/\(user)")
    }

    /// By the time of the change; the rest of the key keeps those of one millisecond apart.
    private func sortKey() -> [UInt8] { now().sortKey + random(8) }

    /// The entries that say a time from here on, by that time.
    func entries(fromMs: Int64) async throws(StoreError) -> [IndexEntry] {
        var entries: [IndexEntry] = []
        var lowest = fromMs.sortKey
        while true {
            let page = try await store.entries(
                of: Self.index, in: IndexRange(from: lowest), descending: false, skip: 0,
                limit: Self.pageMax)
            entries += page
            guard page.count == Self.pageMax, let last = page.last else { return entries }
            lowest = last.sortKey + [0]
        }
    }

    /// Deletes the entries that say an earlier time.
    func trim(beforeMs: Int64) async throws(StoreError) {
        while true {
            let page = try await store.entries(
                of: Self.index, in: IndexRange(upTo: beforeMs.sortKey), descending: false, skip: 0,
                limit: Self.pageMax)
            guard !page.isEmpty else { return }
            try await store.commit(page.map { .delete($0, index: Self.index) })
        }
    }
}
