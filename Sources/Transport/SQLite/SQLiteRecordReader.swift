import Engine

/// Reads records, indexes and counters over one connection. Each call must run inside a
/// transaction, so that all that it reads is one snapshot.
struct SQLiteRecordReader {
    private let findRecord: SQLiteStatement
    private let readAscending: SQLiteStatement
    private let readDescending: SQLiteStatement
    private let countEntries: SQLiteStatement
    private let findCount: SQLiteStatement
    private let findCounter: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        findRecord = try connection.prepare(
            """
            SELECT value, version, expires_ms FROM records WHERE collection = ?1 AND id = ?2
                AND (expires_ms IS NULL OR expires_ms > ?3)
            """)
        // Blobs and texts are compared as bytes, which is the order that the port promises.
        let range =
            "FROM index_entries WHERE (name, sort_key) >= (?1, ?2) AND (name, sort_key) < (?3, ?4) "
        readAscending = try connection.prepare(
            "SELECT sort_key, id " + range + "ORDER BY name, sort_key, id LIMIT ?5 OFFSET ?6")
        readDescending = try connection.prepare(
            "SELECT sort_key, id " + range
                + "ORDER BY name DESC, sort_key DESC, id DESC LIMIT ?5 OFFSET ?6")
        countEntries = try connection.prepare("SELECT count(*) " + range)
        findCount = try connection.prepare("SELECT count FROM index_counts WHERE name = ?1")
        findCounter = try connection.prepare("SELECT value FROM counters WHERE name = ?1")
    }

    /// The records in the order of the keys; nil for one that is absent or expired.
    func records(_ keys: [RecordKey], nowMs: Int64) throws(SQLiteError) -> [Record?] {
        var records: [Record?] = []
        records.reserveCapacity(keys.count)
        for key in keys {
            try findRecord.bind(key.collection, at: 1)
            try findRecord.bind(key.id, at: 2)
            try findRecord.bind(nowMs, at: 3)
            let record = try findRecord.first { row in
                Record(
                    value: row.bytes(0), version: UInt64(bitPattern: row.int64(1)),
                    expiresAtMs: row.isNull(2) ? nil : row.int64(2))
            }
            records.append(record)
        }
        return records
    }

    /// Up to `limit` entries of the range after skipping `skip`, in index order or reversed.
    func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) throws(SQLiteError) -> [IndexEntry] {
        descending
            ? try entries(readDescending, of: index, in: range, skip: skip, limit: limit)
            : try entries(readAscending, of: index, in: range, skip: skip, limit: limit)
    }

    /// How many entries the range holds. The whole of an index costs nothing to count.
    func count(of index: String, in range: IndexRange) throws(SQLiteError) -> Int {
        if range == .all {
            try findCount.bind(index, at: 1)
            return try findCount.first { Int($0.int64(0)) } ?? 0
        }
        try bind(range, of: index, to: countEntries)
        return try countEntries.first { Int($0.int64(0)) } ?? 0
    }

    /// The counters' values, 0 where nothing was ever added.
    func values(of counters: [String]) throws(SQLiteError) -> [Int64] {
        var values: [Int64] = []
        values.reserveCapacity(counters.count)
        for name in counters {
            try findCounter.bind(name, at: 1)
            values.append(try findCounter.first { $0.int64(0) } ?? 0)
        }
        return values
    }

    private func entries(
        _ statement: SQLiteStatement, of index: String, in range: IndexRange,
        skip: Int, limit: Int
    ) throws(SQLiteError) -> [IndexEntry] {
        try bind(range, of: index, to: statement)
        // To SQLite a negative limit is none at all.
        try statement.bind(Int64(max(limit, 0)), at: 5)
        try statement.bind(Int64(max(skip, 0)), at: 6)
        var entries: [IndexEntry] = []
        try statement.forEach { row in
            entries.append(IndexEntry(sortKey: row.bytes(0), id: row.text(1)))
        }
        return entries
    }

    private func bind(
        _ range: IndexRange, of index: String, to statement: SQLiteStatement
    ) throws(SQLiteError) {
        try statement.bind(index, at: 1)
        try statement.bind(range.lowest ?? [], at: 2)
        // An open end is where the next name in byte order could begin.
        try statement.bind(range.end == nil ? index + "\0" : index, at: 3)
        try statement.bind(range.end ?? [], at: 4)
    }
}
