import Engine
import Synchronization

/// A store that answers at once from memory, so that what is measured is the work of whoever asks;
/// what it allocates itself is not counted. It keeps records and one counter, and checks nothing.
final class RecordsAtHand: Store {
    private struct State {
        var records: [RecordKey: Record] = [:]
        var counter: Int64 = 0
    }

    private let state = Mutex(State())

    func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?] {
        state.withLock { state in
            Work.uncounted { keys.map { state.records[$0] } }
        }
    }

    func commit(_ changes: [Change]) async throws(StoreError) {
        state.withLock { state in
            for case .put(let key, let value, _, let expiresAtMs) in changes {
                state.records[key] = Record(value: value, version: 1, expiresAtMs: expiresAtMs)
            }
        }
    }

    func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry] {
        []
    }

    func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int { 0 }

    func values(of counters: [String]) async throws(StoreError) -> [Int64] {
        let value = state.withLock { $0.counter }
        return counters.map { _ in value }
    }

    func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64 {
        state.withLock { state in
            state.counter += amount
            return state.counter
        }
    }
}
