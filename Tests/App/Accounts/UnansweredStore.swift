import Engine
import Synchronization

/// A store that carries a commit out and says that it is not available, when told to.
final class UnansweredStore: Store {
    private let store: any Store
    private let swallows = Mutex(false)

    init(_ store: any Store) {
        self.store = store
    }

    /// The next commit goes without an answer.
    func swallowNext() {
        swallows.withLock { $0 = true }
    }

    func commit(_ changes: [Change]) async throws(StoreError) {
        try await store.commit(changes)
        if swallows.withLock({ exchange(&$0, with: false) }) {
            throw .unavailable("no answer came")
        }
    }

    func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?] {
        try await store.records(keys)
    }

    func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry] {
        try await store.entries(
            of: index, in: range, descending: descending, skip: skip, limit: limit)
    }

    func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int {
        try await store.count(of: index, in: range)
    }

    func values(of counters: [String]) async throws(StoreError) -> [Int64] {
        try await store.values(of: counters)
    }

    func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64 {
        try await store.advance(counter, by: amount)
    }
}
