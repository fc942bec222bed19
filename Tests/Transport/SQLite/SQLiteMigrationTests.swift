import Engine
import TestSupport
import Testing

@testable import Transport

/// Stores that earlier versions have made. Their schema is the first steps of the migrations, which
/// never change.
struct SQLiteMigrationTests {
    private static let hourMs: Int64 = 3_600_000
    private let clock = ManualClock()

    @Test
    func `brings every earlier schema to the newest, and keeps the epoch`() async throws {
        for version in 1..<SQLiteSchema.migrations.count {
            try await withTemporaryDirectory { directory in
                try make(version: version, in: directory) { _ in }
                let database = try open(directory)
                defer { database.close() }
                #expect(database.epoch == Epoch(rawValue: 77))
                let connection = try connect(directory)
                let found = try connection.integer("PRAGMA user_version")
                #expect(found == Int64(SQLiteSchema.migrations.count))
            }
        }
    }

    @Test
    func `keeps the publications, tops and floors of the first schema`() async throws {
        try await withTemporaryDirectory { directory in
            try make(version: 1, in: directory) { connection in
                try connection.execute(
                    """
                    INSERT INTO streams VALUES (1, 'chat/1', 3, 2), (2, 'chat/2', 9, 10);
                    INSERT INTO entries VALUES
                        (1, 2, 5, 42, 'kim', 'text/plain', CAST('b' AS BLOB)),
                        (1, 3, 6, 43, 'lee', '', x'00ff');
                    """)
            }
            let database = try open(directory)
            defer { database.close() }
            let broker = SQLiteBroker(database)
            let page = try await broker.read(
                StreamName("chat/1"), after: 0, limit: 9, keeping: .plenty)
            #expect(page.floor == 2)
            #expect(page.top == 3)
            #expect(page.publications.map(\.offset) == [2, 3])
            #expect(page.publications.map(\.body) == [[UInt8(ascii: "b")], [0, 255]])
            #expect(page.publications.map(\.senderName) == ["kim", "lee"])
            #expect(page.publications.map(\.contentType) == ["text/plain", ""])
            #expect(page.publications.map(\.timestampMs) == [5, 6])
            // All of it was trimmed: only the row knew how far it had come.
            let next = try await append("c", to: "chat/2", broker)
            #expect(next.position == Position(epoch: page.epoch, offset: 10))
        }
    }

    @Test
    func `remembers idempotency keys of the first schema for the rest of their 24 hours`()
        async throws
    {
        let storedMs = clock.nowMs - 23 * Self.hourMs
        try await withTemporaryDirectory { directory in
            try make(version: 1, in: directory) { connection in
                try connection.execute(
                    """
                    INSERT INTO streams VALUES (1, 'chat/1', 8, 9);
                    INSERT INTO publish_keys
                        VALUES (1, 42, 'k', 7, \(storedMs + 24 * Self.hourMs));
                    """)
            }
            let database = try open(directory)
            defer { database.close() }
            let broker = SQLiteBroker(database)
            let again = try await append("a", key: "k", to: "chat/1", broker)
            #expect(again.isDuplicate)
            #expect(again.position.offset == 7)
            clock.advance(byMs: Self.hourMs)
            let late = try await append("a", key: "k", to: "chat/1", broker)
            #expect(!late.isDuplicate)
            #expect(late.position.offset == 9)
        }
    }

    @Test
    func `counts the entries of indexes that were made before they were counted`() async throws {
        try await withTemporaryDirectory { directory in
            try make(version: 2, in: directory) { connection in
                try connection.execute(
                    "INSERT INTO index_entries VALUES ('a', x'01', '1'), ('a', x'02', '2'), ('b', x'', '1')"
                )
            }
            let database = try open(directory)
            defer { database.close() }
            let store = SQLiteStore(database)
            try await store.commit([
                .delete(IndexEntry(sortKey: [], id: "1"), index: "b"),
                .insert(IndexEntry(sortKey: [3], id: "3"), index: "a"),
            ])
            #expect(try await store.count(of: "a", in: .all) == 3)
            #expect(try await store.count(of: "b", in: .all) == 0)
        }
    }

    /// Makes the database as that version would have made it.
    private func make(
        version: Int, in directory: String, _ fill: (SQLiteConnection) throws -> Void
    ) throws {
        try DataDirectory.prepare(directory)
        let connection = try connect(directory)
        try connection.useWriteAheadLog()
        for step in SQLiteSchema.migrations[..<version] { try connection.execute(step) }
        try connection.execute(
            """
            PRAGMA application_id = \(SQLiteSchema.applicationID);
            PRAGMA user_version = \(version);
            INSERT INTO meta VALUES ('epoch', 77), ('probe', 0);
            """)
        try fill(connection)
    }

    private func connect(_ directory: String) throws -> SQLiteConnection {
        try SQLiteConnection(
            path: directory + "/" + SQLiteDatabase.fileName, busyTimeoutMs: 1_000)
    }

    private func open(_ directory: String) throws -> SQLiteDatabase {
        var random = SystemRandomNumberGenerator()
        return try SQLiteDatabase.open(
            directory: directory, using: &random, now: { clock.nowMs })
    }

    private func append(
        _ text: String, key: String? = nil, to stream: String, _ broker: SQLiteBroker
    ) async throws -> Appended {
        let draft = Draft(
            sender: UserID(42), senderName: "kim", contentType: "", body: Array(text.utf8),
            timestampMs: 0, idempotencyKey: key)
        return try await withCheckedContinuation { continuation in
            broker.append(draft, to: StreamName(stream), keeping: .plenty) {
                continuation.resume(returning: $0)
            }
        }.get()
    }
}

extension Retention {
    fileprivate static let plenty = Retention(countMax: 1_000_000)
}
