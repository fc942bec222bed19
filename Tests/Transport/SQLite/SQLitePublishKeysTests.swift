import Engine
import TestSupport
import Testing

@testable import Transport

/// What the table of idempotency keys holds; what a key answers is the broker's contract.
struct SQLitePublishKeysTests {
    private static let hourMs: Int64 = 3_600_000

    @Test
    func `deletes keys of days that are past, a few with every batch`() async throws {
        try await withKeys { keys, connection in
            for number in 1...1_000 {
                try keys.insert(
                    "\(number)", from: UserID(1), inStream: 1, offset: 1, nowMs: 0)
            }
            try keys.sweep(nowMs: 0)
            let twoDaysMs = 48 * Self.hourMs
            var counts: [Int64] = []
            for batch in 0..<6 {
                for number in 1...100 {
                    try keys.insert(
                        "\(batch)-\(number)", from: UserID(1), inStream: 2, offset: 1,
                        nowMs: twoDaysMs)
                }
                try keys.sweep(nowMs: twoDaysMs)
                let old = try connection.integer(
                    "SELECT count(*) FROM recent_keys WHERE stream = 1")
                counts.append(try #require(old))
            }
            #expect(counts == [800, 600, 400, 200, 0, 0])
        }
    }

    @Test
    func `leaves a day alone while one of its keys may live`() async throws {
        try await withKeys { keys, connection in
            let last = 24 * Self.hourMs - 1
            try keys.insert("late", from: UserID(1), inStream: 1, offset: 9, nowMs: last)
            for number in 1...200 {
                try keys.insert(
                    "\(number)", from: UserID(1), inStream: 2, offset: 1,
                    nowMs: last + 24 * Self.hourMs)
            }
            try keys.sweep(nowMs: 48 * Self.hourMs - 1)
            #expect(try connection.integer("SELECT count(*) FROM recent_keys") == 201)
            let found = try keys.offset(
                of: "late", from: UserID(1), inStream: 1, nowMs: 48 * Self.hourMs - 2)
            #expect(found == 9)
        }
    }

    @Test
    func `finds a key that was stored tomorrow, when the clock has gone back since`() async throws {
        try await withKeys { keys, _ in
            try keys.insert(
                "k", from: UserID(1), inStream: 1, offset: 9, nowMs: 24 * Self.hourMs + 1)
            let found = try keys.offset(
                of: "k", from: UserID(1), inStream: 1, nowMs: 24 * Self.hourMs - 1)
            #expect(found == 9)
        }
    }

    /// A busy day takes long to be deleted where few keys come after it.
    @Test
    func `looks through the last two days only, however many wait to be deleted`() async throws {
        try await withKeys { keys, _ in
            let dayMs = 24 * Self.hourMs
            for day in 0..<10 {
                try keys.insert(
                    "k", from: UserID(1), inStream: 1, offset: 1, nowMs: Int64(day) * dayMs)
            }
            #expect(try keys.liveDays(nowMs: 9 * dayMs) == [9, 8])
            #expect(try keys.liveDays(nowMs: 9 * dayMs - 1) == [9, 8, 7])
            #expect(try keys.liveDays(nowMs: 11 * dayMs) == [])
        }
    }

    private func withKeys(
        _ body: (inout SQLitePublishKeys, SQLiteConnection) throws -> Void
    ) async throws {
        let connection = try SQLiteConnection(path: ":memory:", busyTimeoutMs: 0)
        for step in SQLiteSchema.migrations { try connection.execute(step) }
        var keys = try SQLitePublishKeys(connection)
        try body(&keys, connection)
    }
}
