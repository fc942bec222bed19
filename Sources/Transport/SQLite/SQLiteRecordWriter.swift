import Engine

/// Performs the changes of a commit inside the transaction of a batch.
struct SQLiteRecordWriter {
    /// Expired records are deleted after this many commits, at most `sweepMax` at a time.
    private static let sweepInterval = 64
    private static let sweepMax: Int64 = 1_024

    private let upsert: SQLiteStatement
    private let insertAbsent: SQLiteStatement
    private let updateVersion: SQLiteStatement
    private let findAlive: SQLiteStatement
    private let remove: SQLiteStatement
    private let removeVersion: SQLiteStatement
    private let removeExpired: SQLiteStatement
    private let insertEntry: SQLiteStatement
    private let deleteEntry: SQLiteStatement
    private let addToCounter: SQLiteStatement
    private let savepoint: SQLiteStatement
    private let rollBackToSavepoint: SQLiteStatement
    private let releaseSavepoint: SQLiteStatement

    private var commitsSinceSweep = 0

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        // An expired record counts as absent throughout; ?5 is now.
        let insert =
            "INSERT INTO records (collection, id, version, value, expires_ms) "
            + "VALUES (?1, ?2, 1, ?3, ?4) ON CONFLICT (collection, id) DO UPDATE SET "
        upsert = try connection.prepare(
            insert + """
                value = ?3, expires_ms = ?4,
                version = CASE WHEN expires_ms <= ?5 THEN 1 ELSE version + 1 END
                """)
        insertAbsent = try connection.prepare(
            insert + "value = ?3, expires_ms = ?4, version = 1 WHERE expires_ms <= ?5 RETURNING 1")
        updateVersion = try connection.prepare(
            """
            UPDATE records SET value = ?3, expires_ms = ?4, version = version + 1
            WHERE collection = ?1 AND id = ?2 AND version = ?6
                AND (expires_ms IS NULL OR expires_ms > ?5)
            RETURNING 1
            """)
        findAlive = try connection.prepare(
            """
            SELECT 1 FROM records WHERE collection = ?1 AND id = ?2
                AND (expires_ms IS NULL OR expires_ms > ?3)
            """)
        remove = try connection.prepare("DELETE FROM records WHERE collection = ?1 AND id = ?2")
        removeVersion = try connection.prepare(
            """
            DELETE FROM records WHERE collection = ?1 AND id = ?2 AND version = ?4
                AND (expires_ms IS NULL OR expires_ms > ?3)
            RETURNING 1
            """)
        removeExpired = try connection.prepare(
            """
            DELETE FROM records WHERE (collection, id) IN (
                SELECT collection, id FROM records WHERE expires_ms <= ?1 LIMIT ?2)
            """)
        insertEntry = try connection.prepare(
            "INSERT OR IGNORE INTO index_entries (name, sort_key, id) VALUES (?1, ?2, ?3)")
        deleteEntry = try connection.prepare(
            "DELETE FROM index_entries WHERE name = ?1 AND sort_key = ?2 AND id = ?3")
        addToCounter = try connection.prepare(
            """
            INSERT INTO counters (name, value) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING value
            """)
        savepoint = try connection.prepare("SAVEPOINT one_commit")
        rollBackToSavepoint = try connection.prepare("ROLLBACK TO one_commit")
        releaseSavepoint = try connection.prepare("RELEASE one_commit")
    }

    /// Performs all of the changes, or none of them: then it returns the record whose expectation
    /// did not hold.
    mutating func commit(_ changes: [Change], nowMs: Int64) throws(SQLiteError) -> RecordKey? {
        commitsSinceSweep += 1
        // A conflict of the first change finds nothing to take back.
        guard changes.dropFirst().contains(where: \.canConflict) else {
            return try firstConflict(performing: changes, nowMs: nowMs)
        }
        try savepoint.run()
        let conflict = try firstConflict(performing: changes, nowMs: nowMs)
        if conflict != nil { try rollBackToSavepoint.run() }
        try releaseSavepoint.run()
        return conflict
    }

    /// Adds to a counter and returns its new value.
    func advance(_ counter: String, by amount: Int64) throws(SQLiteError) -> Int64 {
        try addToCounter.bind(counter, at: 1)
        try addToCounter.bind(amount, at: 2)
        return try addToCounter.first { $0.int64(0) } ?? amount
    }

    /// The end of a batch's work: the last writes before the commit.
    mutating func prepareCommit(nowMs: Int64) throws(SQLiteError) {
        guard commitsSinceSweep >= Self.sweepInterval else { return }
        commitsSinceSweep = 0
        try removeExpired.bind(nowMs, at: 1)
        try removeExpired.bind(Self.sweepMax, at: 2)
        try removeExpired.run()
    }

    /// Performs the changes in order up to the first whose expectation doesn't hold.
    private func firstConflict(
        performing changes: [Change], nowMs: Int64
    ) throws(SQLiteError) -> RecordKey? {
        for change in changes {
            switch change {
            case .put(let key, let value, let expectation, let expiresAtMs):
                let isDone = try put(
                    key, value, expecting: expectation, expiresAtMs: expiresAtMs, nowMs: nowMs)
                if !isDone { return key }
            case .remove(let key, let expectation):
                if try !remove(key, expecting: expectation, nowMs: nowMs) { return key }
            case .insert(let entry, let index):
                try run(insertEntry, entry, index)
            case .delete(let entry, let index):
                try run(deleteEntry, entry, index)
            case .add(let amount, let counter):
                _ = try advance(counter, by: amount)
            }
        }
        return nil
    }

    /// Writes a record; false where the expectation doesn't hold.
    private func put(
        _ key: RecordKey, _ value: [UInt8], expecting expectation: Expectation,
        expiresAtMs: Int64?, nowMs: Int64
    ) throws(SQLiteError) -> Bool {
        func bind(_ statement: SQLiteStatement) throws(SQLiteError) {
            try statement.bind(key.collection, at: 1)
            try statement.bind(key.id, at: 2)
            try statement.bind(value, at: 3)
            try statement.bind(expiresAtMs, at: 4)
            try statement.bind(nowMs, at: 5)
        }
        switch expectation {
        case .any:
            try bind(upsert)
            try upsert.run()
            return true
        case .absent:
            try bind(insertAbsent)
            return try insertAbsent.first { _ in true } ?? false
        case .version(let version):
            try bind(updateVersion)
            try updateVersion.bind(Int64(bitPattern: version), at: 6)
            return try updateVersion.first { _ in true } ?? false
        }
    }

    /// Removes a record; false where the expectation doesn't hold.
    private func remove(
        _ key: RecordKey, expecting expectation: Expectation, nowMs: Int64
    ) throws(SQLiteError) -> Bool {
        func bind(_ statement: SQLiteStatement) throws(SQLiteError) {
            try statement.bind(key.collection, at: 1)
            try statement.bind(key.id, at: 2)
        }
        switch expectation {
        case .any:
            try bind(remove)
            try remove.run()
            return true
        case .absent:
            try bind(findAlive)
            try findAlive.bind(nowMs, at: 3)
            return try findAlive.first { _ in false } ?? true
        case .version(let version):
            try bind(removeVersion)
            try removeVersion.bind(nowMs, at: 3)
            try removeVersion.bind(Int64(bitPattern: version), at: 4)
            return try removeVersion.first { _ in true } ?? false
        }
    }

    private func run(
        _ statement: SQLiteStatement, _ entry: IndexEntry, _ index: String
    ) throws(SQLiteError) {
        try statement.bind(index, at: 1)
        try statement.bind(entry.sortKey, at: 2)
        try statement.bind(entry.id, at: 3)
        try statement.run()
    }
}

extension Change {
    /// True where an expectation may keep the change from happening.
    fileprivate var canConflict: Bool {
        switch self {
        case .put(_, _, let expectation, _), .remove(_, let expectation): expectation != .any
        case .insert, .delete, .add: false
        }
    }
}
