import CSQLite
import Engine

/// The tables, and the steps that lead to them from every earlier version.
enum SQLiteSchema {
    /// Marks the file as ours (`PRAGMA application_id`): "PtNx".
    static let applicationID: Int64 = 0x5074_4e78

    /// The table that is there as long as a copy from elsewhere is not finished.
    static let unfinishedCopy = "unfinished_copy"

    /// Step n brings a database from version n to n + 1 (`PRAGMA user_version`). Steps are never
    /// changed once released, only added.
    static let migrations = [
        """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;

        CREATE TABLE records (
            collection TEXT NOT NULL, id TEXT NOT NULL,
            version INTEGER NOT NULL, value BLOB NOT NULL, expires_ms INTEGER,
            PRIMARY KEY (collection, id)
        ) WITHOUT ROWID, STRICT;
        CREATE INDEX records_by_expiry ON records (expires_ms) WHERE expires_ms IS NOT NULL;

        CREATE TABLE index_entries (
            name TEXT NOT NULL, sort_key BLOB NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (name, sort_key, id)
        ) WITHOUT ROWID, STRICT;

        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID, STRICT;

        CREATE TABLE streams (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
            top INTEGER NOT NULL, floor INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE entries (
            stream INTEGER NOT NULL, "offset" INTEGER NOT NULL, at_ms INTEGER NOT NULL,
            sender INTEGER NOT NULL, sender_name TEXT NOT NULL,
            content_type TEXT NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (stream, "offset")
        ) WITHOUT ROWID, STRICT;

        CREATE TABLE publish_keys (
            stream INTEGER NOT NULL, sender INTEGER NOT NULL, "key" TEXT NOT NULL,
            "offset" INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
            PRIMARY KEY (stream, sender, "key")
        ) WITHOUT ROWID, STRICT;
        CREATE INDEX publish_keys_by_expiry ON publish_keys (expires_ms);
        """,
        // Keys by the day they were stored on; a stream's top is written when it is trimmed.
        """
        CREATE TABLE recent_keys (
            day INTEGER NOT NULL, stream INTEGER NOT NULL, sender INTEGER NOT NULL,
            "key" TEXT NOT NULL, "offset" INTEGER NOT NULL, stored_ms INTEGER NOT NULL,
            PRIMARY KEY (day, stream, sender, "key")
        ) WITHOUT ROWID, STRICT;
        INSERT INTO recent_keys
            SELECT expires_ms / 86400000 - 1, stream, sender, "key", "offset", expires_ms - 86400000
            FROM publish_keys;
        DROP TABLE publish_keys;
        """,
        // How many entries each index has: counting them would take as long as reading them.
        """
        CREATE TABLE index_counts (
            name TEXT PRIMARY KEY, count INTEGER NOT NULL
        ) WITHOUT ROWID, STRICT;
        INSERT INTO index_counts SELECT name, count(*) FROM index_entries GROUP BY name;
        CREATE TRIGGER index_entry_inserted AFTER INSERT ON index_entries BEGIN
            INSERT INTO index_counts VALUES (NEW.name, 1)
                ON CONFLICT (name) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER index_entry_deleted AFTER DELETE ON index_entries BEGIN
            UPDATE index_counts SET count = count - 1 WHERE name = OLD.name;
            DELETE FROM index_counts WHERE name = OLD.name AND count = 0;
        END;
        """,
    ]

    /// Brings the database to the newest version, in one transaction, and returns its epoch.
    ///
    /// A new database gets `newEpoch`. The file of another program or of a later version is
    /// refused and left as it was.
    static func prepare(
        _ connection: SQLiteConnection, path: String, newEpoch: Epoch
    ) throws(SQLiteOpenError) -> Epoch {
        _ = try version(of: connection, path: path)
        try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            try connection.useWriteAheadLog()
            try connection.execute("BEGIN IMMEDIATE")
        }
        // Asked again under the lock: another process may just have done the same.
        let version = try version(of: connection, path: path)
        return try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            for step in migrations[version...] { try connection.execute(step) }
            if version == 0 {
                try connection.execute("PRAGMA application_id = \(applicationID)")
                let value = Int64(bitPattern: newEpoch.rawValue)
                try connection.execute("INSERT INTO meta VALUES ('epoch', \(value)), ('probe', 0)")
            }
            if version < migrations.count {
                try connection.execute("PRAGMA user_version = \(migrations.count)")
            }
            try connection.execute("COMMIT")
            let epoch = try connection.integer("SELECT value FROM meta WHERE name = 'epoch'")
            guard let epoch else {
                throw SQLiteError(code: SQLITE_CORRUPT, words: "the epoch is missing")
            }
            return Epoch(rawValue: UInt64(bitPattern: epoch))
        }
    }

    /// Whether a copy from elsewhere was begun and not finished.
    static func hasUnfinishedCopy(
        _ connection: SQLiteConnection, path: String
    ) throws(SQLiteOpenError) -> Bool {
        try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            try connection.integer(
                "SELECT count(*) FROM sqlite_schema WHERE name = '\(unfinishedCopy)'") != 0
        }
    }

    /// How many of the migrations the database has seen.
    private static func version(
        of connection: SQLiteConnection, path: String
    ) throws(SQLiteOpenError) -> Int {
        let (application, version, tables) = try SQLiteOpenError.naming(path) {
            () throws(SQLiteError) in
            (
                try connection.integer("PRAGMA application_id") ?? 0,
                try connection.integer("PRAGMA user_version") ?? 0,
                try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
            )
        }
        let isOurs = application == applicationID && version > 0
        guard isOurs || (application == 0 && version == 0 && tables == 0) else {
            throw .foreignDatabase(path: path)
        }
        guard version <= migrations.count else {
            throw .newerSchema(path: path, found: Int(version), known: migrations.count)
        }
        return Int(version)
    }
}

extension SQLiteOpenError {
    /// Runs a step of opening the file at `path`, and sorts SQLite's words about it into what an
    /// operator can act on.
    static func naming<Value>(
        _ path: String, _ step: () throws(SQLiteError) -> Value
    ) throws(SQLiteOpenError) -> Value {
        do throws(SQLiteError) {
            return try step()
        } catch {
            switch error.primaryCode {
            case SQLITE_NOTADB: throw .notADatabase(path: path)
            case SQLITE_CORRUPT: throw .corrupt(path: path, reason: error.description)
            default: throw .failed(path: path, reason: error.description)
            }
        }
    }
}
