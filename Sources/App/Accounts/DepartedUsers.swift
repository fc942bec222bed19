import Engine
import Synchronization

/// The users whose accounts are gone, in the node's memory: what they said stays in the rooms' logs,
/// under no name.
package final class DepartedUsers: Sendable {
    private static let index = "departed"
    private static let pageMax = 10_000

    private let store: any Store
    private let users = Mutex(Set<UserID>())
    /// Whether there are any, which is told without a lock.
    private let isKnown = Atomic<Bool>(false)

    package init(store: any Store) {
        self.store = store
    }

    /// A user among them, in the store.
    static func listing(of user: UserID) -> Listing {
        Listing(index, user.rawValue.sortKey, user.description)
    }

    /// Reads all of them anew.
    package func load() async throws(StoreError) {
        var lowest: [UInt8] = []
        while true {
            let page = try await store.entries(
                of: Self.index, in: IndexRange(from: lowest), descending: false, skip: 0,
                limit: Self.pageMax)
            for entry in page { Int64(entry.id).map { add(UserID($0)) } }
            guard page.count == Self.pageMax, let last = page.last else { return }
            lowest = last.sortKey + [0]
        }
    }

    /// Takes note of one more.
    package func add(_ user: UserID) {
        users.withLock { _ = $0.insert(user) }
        isKnown.store(true, ordering: .releasing)
    }

    /// On the path of every message that is rendered.
    func contains(_ user: UserID) -> Bool {
        isKnown.load(ordering: .acquiring) && users.withLock { $0.contains(user) }
    }
}
