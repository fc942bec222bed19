import Engine

/// The community's data in the embedded database. Expired leases are absent by the database's clock.
public struct SQLiteStore: Store {
    private let database: SQLiteDatabase

    public init(_ database: SQLiteDatabase) {
        self.database = database
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?] {
        let nowMs = database.now()
        return try await read { reader throws(SQLiteError) in
            try reader.records.records(keys, nowMs: nowMs)
        }
    }

    public func commit(_ changes: [Change]) async throws(StoreError) {
        let result: Result<Void, StoreError> = await withCheckedContinuation { continuation in
            database.submit(.commit(changes) { continuation.resume(returning: $0) })
        }
        try result.get()
    }

    public func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry] {
        try await read { reader throws(SQLiteError) in
            try reader.records.entries(
                of: index, in: range, descending: descending, skip: skip, limit: limit)
        }
    }

    public func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int {
        try await read { reader throws(SQLiteError) in
            try reader.records.count(of: index, in: range)
        }
    }

    public func values(of counters: [String]) async throws(StoreError) -> [Int64] {
        try await read { reader throws(SQLiteError) in
            try reader.records.values(of: counters)
        }
    }

    public func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64 {
        let result: Result<Int64, StoreError> = await withCheckedContinuation { continuation in
            database.submit(
                .advance(counter: counter, by: amount) { continuation.resume(returning: $0) })
        }
        return try result.get()
    }

    private func read<Value: Sendable>(
        _ read: @escaping @Sendable (SQLiteReader) throws(SQLiteError) -> Value
    ) async throws(StoreError) -> Value {
        do throws(SQLiteRefusal) {
            return try await database.read(read)
        } catch {
            throw StoreError(error)
        }
    }
}
