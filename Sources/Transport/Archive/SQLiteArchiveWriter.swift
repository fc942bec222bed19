import Engine

/// Writes items of another archive into the tables, inside a transaction.
struct SQLiteArchiveWriter {
    private static let dayMs: Int64 = 24 * 3_600_000

    private let connection: SQLiteConnection
    private let putRecord: SQLiteStatement
    private let putEntry: SQLiteStatement
    private let putCounter: SQLiteStatement
    private let ensureStream: SQLiteStatement
    private let putStream: SQLiteStatement
    private let putPublication: SQLiteStatement
    private let putKey: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        putRecord = try connection.prepare(
            """
            INSERT OR REPLACE INTO records (collection, id, version, value, expires_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """)
        putEntry = try connection.prepare(
            "INSERT OR IGNORE INTO index_entries (name, sort_key, id) VALUES (?1, ?2, ?3)")
        putCounter = try connection.prepare(
            "INSERT OR REPLACE INTO counters (name, value) VALUES (?1, ?2)")
        ensureStream = try connection.prepare(
            "INSERT OR IGNORE INTO streams (name, top, floor) VALUES (?1, 0, 1)")
        putStream = try connection.prepare(
            "UPDATE streams SET top = ?2, floor = ?3 WHERE name = ?1")
        putPublication = try connection.prepare(
            """
            INSERT OR REPLACE INTO entries
                (stream, "offset", at_ms, sender, sender_name, content_type, body)
            SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM streams WHERE name = ?1
            """)
        putKey = try connection.prepare(
            """
            INSERT OR REPLACE INTO recent_keys (day, stream, sender, "key", "offset", stored_ms)
            SELECT ?2, id, ?3, ?4, ?5, ?6 FROM streams WHERE name = ?1
            """)
    }

    func write(_ item: ArchiveItem) throws(SQLiteError) {
        switch item {
        case .record(let key, let record):
            try putRecord.bind(key.collection, at: 1)
            try putRecord.bind(key.id, at: 2)
            try putRecord.bind(Int64(bitPattern: record.version), at: 3)
            try putRecord.bind(record.value, at: 4)
            try putRecord.bind(record.expiresAtMs, at: 5)
            try putRecord.run()
        case .entry(let entry, let index):
            try putEntry.bind(index, at: 1)
            try putEntry.bind(entry.sortKey, at: 2)
            try putEntry.bind(entry.id, at: 3)
            try putEntry.run()
        case .counter(let name, let value):
            try putCounter.bind(name, at: 1)
            try putCounter.bind(value, at: 2)
            try putCounter.run()
        case .stream(let name, let floor, let top):
            try ensure(name)
            try putStream.bind(name.text, at: 1)
            try putStream.bind(Int64(top), at: 2)
            try putStream.bind(Int64(floor), at: 3)
            try putStream.run()
        case .publication(let publication, let name):
            try putPublication.bind(name.text, at: 1)
            try putPublication.bind(Int64(publication.offset), at: 2)
            try putPublication.bind(publication.timestampMs, at: 3)
            try putPublication.bind(publication.sender.rawValue, at: 4)
            try putPublication.bind(publication.senderName, at: 5)
            try putPublication.bind(publication.contentType, at: 6)
            try putPublication.bind(publication.body, at: 7)
            try putPublication.run()
        case .publishKey(let key, let sender, let name, let offset, let storedAtMs):
            // It may come before its stream.
            try ensure(name)
            try putKey.bind(name.text, at: 1)
            try putKey.bind(storedAtMs / Self.dayMs, at: 2)
            try putKey.bind(sender.rawValue, at: 3)
            try putKey.bind(key, at: 4)
            try putKey.bind(Int64(offset), at: 5)
            try putKey.bind(storedAtMs, at: 6)
            try putKey.run()
        }
    }

    /// Keeps the note of a copy that is under way.
    func note(_ note: UnfinishedCopy) throws(SQLiteError) {
        let table = SQLiteSchema.unfinishedCopy
        try connection.execute("DROP TABLE IF EXISTS \(table)")
        try connection.execute("CREATE TABLE \(table) (note TEXT NOT NULL) STRICT")
        let insert = try connection.prepare("INSERT INTO \(table) VALUES (?1)")
        try insert.bind(note.text, at: 1)
        try insert.run()
    }

    private func ensure(_ name: StreamName) throws(SQLiteError) {
        try ensureStream.bind(name.text, at: 1)
        try ensureStream.run()
    }
}
