import Engine
import Synchronization

/// A store without threads or files, for tests and the simulation.
///
/// Everything asked of it has two steps, each run by the injected schedule: it is done, then
/// answered. What is asked at the same time is done in the order that the schedule likes.
public final class InMemoryStore: Store {
    private struct State {
        var tables = MemoryTables()
        var failure: StoreError?
        var commitCount = 0
        /// Counts crashes. A step of an earlier life fails.
        var life: UInt64 = 0
    }

    private let now: @Sendable () -> Int64
    private let schedule: Schedule
    private let state = Mutex(State())

    /// `schedule` runs every step at once unless another is given.
    public init(
        now: @escaping @Sendable () -> Int64, schedule: @escaping Schedule = { step in step() }
    ) {
        self.now = now
        self.schedule = schedule
    }

    /// What everything fails with; nil: nothing does.
    public var failing: StoreError? {
        get { state.withLock { $0.failure } }
        set { state.withLock { $0.failure = newValue } }
    }

    /// Commits that were carried out.
    public var commitCount: Int { state.withLock { $0.commitCount } }

    /// Does what the crash and the restart of the process with the store would: what was not done
    /// is lost, what was done stays, and everything under way is answered `unavailable`.
    public func crash() {
        state.withLock { $0.life += 1 }
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?] {
        try await result { tables, nowMs in
            .success(keys.map { tables.record($0, nowMs: nowMs) })
        }
    }

    public func commit(_ changes: [Change]) async throws(StoreError) {
        try await result { tables, nowMs in
            tables.commit(changes, nowMs: nowMs).map { .failure($0) } ?? .success(())
        }
        state.withLock { $0.commitCount += 1 }
    }

    public func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry] {
        try await result { tables, _ in
            let entries = tables.entries(of: index, in: range)
            let skip = max(skip, 0)
            let limit = max(limit, 0)
            return .success(
                descending
                    ? Array(entries.reversed().dropFirst(skip).prefix(limit))
                    : Array(entries.dropFirst(skip).prefix(limit)))
        }
    }

    public func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int {
        try await result { tables, _ in .success(tables.entries(of: index, in: range).count) }
    }

    public func values(of counters: [String]) async throws(StoreError) -> [Int64] {
        try await result { tables, _ in .success(counters.map { tables.counter($0) }) }
    }

    public func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64 {
        try await result { tables, _ in
            tables.advance(counter, by: amount).map { .success($0) } ?? .failure(.counterOverflow)
        }
    }

    private func result<Value: Sendable>(
        _ body: @escaping @Sendable (inout MemoryTables, Int64) -> Result<Value, StoreError>
    ) async throws(StoreError) -> Value {
        let asked = state.withLock { $0.life }
        let result: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            schedule {
                let result = self.update(asked: asked, body)
                self.schedule {
                    let isAlive = self.state.withLock { $0.life == asked }
                    continuation.resume(
                        returning: isAlive ? result : .failure(.unavailable("crashed")))
                }
            }
        }
        return try result.get()
    }

    /// Does something now, unless the store fails or has crashed since it was asked.
    private func update<Value: Sendable>(
        asked: UInt64, _ body: (inout MemoryTables, Int64) -> Result<Value, StoreError>
    ) -> Result<Value, StoreError> {
        let nowMs = now()
        return state.withLock { state in
            guard state.life == asked else { return .failure(.unavailable("crashed")) }
            if let failure = state.failure { return .failure(failure) }
            return body(&state.tables, nowMs)
        }
    }
}
