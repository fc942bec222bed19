import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Copies of a community between a data directory and Redis.
struct CommunityCopyTests {
    @Test func `carries everything to Redis and back, and hands the epoch on`() async throws {
        try await withTemporaryDirectory { directory in
            try DataDirectory.prepare(directory)
            let (server, prefix) = try await SharedRedis.instance.server()
            let settings = RedisSettings(servers: [try RedisURL(server.url)], prefix: prefix)
            let keys = Mutex<[UInt8]?>([1, 2, 3])
            let nowMs: Int64 = 1_800_000_000_000
            let first = directory + "/one"
            let epoch = try await fill(first, nowMs: nowMs)
            let there = CommunityCopy(
                from: place(first, keys), to: .redis(settings), replacing: false,
                now: { nowMs })
            let summary = try await there.run { _ in }
            #expect(summary.keepsEpoch)
            let other = Mutex<[UInt8]?>(nil)
            func file(_ path: String) -> CommunityPlace {
                .directory(
                    path,
                    keyFile: ArchiveKeyFile(
                        of: RecordKey("signing-keys", "current"),
                        read: { other.withLock { $0 } },
                        create: { bytes in other.withLock { $0 = bytes } },
                        remove: { other.withLock { $0 = nil } }))
            }
            let back = CommunityCopy(
                from: .redis(settings), to: file(directory + "/two"), replacing: false,
                now: { nowMs })
            #expect(try await back.run { _ in }.checksum == summary.checksum)
            #expect(other.withLock { $0 } == [1, 2, 3])
            let database = try open(directory + "/two", nowMs)
            defer { database.close() }
            #expect(database.epoch == epoch)
            let page = try await SQLiteBroker(database).read(
                StreamName("chat/1"), after: 0, limit: 10_000, keeping: .plenty)
            #expect(page.publications.count == 3_000)
            let store = SQLiteStore(database)
            #expect(try await store.records([RecordKey("a/b", "\u{0}7")])[0]?.version == 1)
            await #expect(throws: ArchiveFailure.self) { try await there.run { _ in } }
        }
    }

    private func place(_ path: String, _ keys: borrowing Mutex<[UInt8]?>) -> CommunityPlace {
        let bytes = keys.withLock { $0 }
        return .directory(
            path,
            keyFile: ArchiveKeyFile(
                of: RecordKey("signing-keys", "current"), read: { bytes }, create: { _ in },
                remove: {}))
    }

    private func open(_ path: String, _ nowMs: Int64) throws -> SQLiteDatabase {
        var random = SystemRandomNumberGenerator()
        return try SQLiteDatabase.open(directory: path, using: &random, now: { nowMs })
    }

    private func fill(_ path: String, nowMs: Int64) async throws -> Epoch {
        let database = try open(path, nowMs)
        defer { database.close() }
        let store = SQLiteStore(database)
        for part in 0..<10 {
            var changes: [Change] = []
            for number in (part * 300)..<((part + 1) * 300) {
                let expiry = number % 3 == 0 ? nowMs + Int64(number) * 10_000 : nil
                changes.append(
                    .put(
                        RecordKey("a/b", "\u{0}\(number)"), value: [0, UInt8(number % 251)],
                        expiresAtMs: expiry))
                let entry = IndexEntry(sortKey: [0, UInt8(number % 256)], id: "e\u{301}\(number)")
                changes.append(.insert(entry, index: "i\(number % 2)"))
            }
            try await store.commit(changes)
        }
        try await store.commit([.add(.min, counter: "c"), .add(.max, counter: "d\u{0}")])
        let broker = SQLiteBroker(database)
        for number in 0..<3_000 {
            _ = try await broker.append(
                Draft("m\(number)", key: "k\(number)", atMs: nowMs), to: StreamName("chat/1"))
        }
        return database.epoch
    }
}
