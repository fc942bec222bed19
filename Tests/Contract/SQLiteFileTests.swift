import Engine
import Foundation
import TestSupport
import Testing
import Transport

/// Files that survive, and files that can't be used.
struct SQLiteFileTests {
    private let room = StreamName("chat/1")
    private let user = RecordKey("user", "42")

    @Test
    func `survives closing and opening again`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try openDatabase(directory)
            let before = try await SQLiteBroker(first).append(Draft("a", key: "k"), to: room)
            try await SQLiteStore(first).commit([
                .put(user, value: [1]), .insert(IndexEntry(sortKey: [1], id: "a"), index: "i"),
                .add(3, counter: "c"),
            ])
            first.close()

            let second = try openDatabase(directory)
            defer { second.close() }
            let broker = SQLiteBroker(second)
            let store = SQLiteStore(second)
            #expect(second.epoch == first.epoch)
            let again = try await broker.append(Draft("a", key: "k"), to: room)
            #expect(again == Appended(position: before.position, isDuplicate: true))
            #expect(try await broker.append(Draft("b"), to: room).position.offset == 2)
            let page = try await broker.read(room, after: 0, limit: 9, keeping: .plenty)
            #expect(page.publications.map(\.text) == ["a", "b"])
            #expect(try await store.records([user]) == [Record(value: [1], version: 1)])
            #expect(try await store.count(of: "i", in: .all) == 1)
            #expect(try await store.values(of: ["c"]) == [3])
        }
    }

    @Test
    func `holds everything it has answered in its files, were the process to end now`() async throws
    {
        try await withTemporaryDirectory { directory in
            let database = try openDatabase(directory)
            defer { database.close() }
            for number in 1...100 {
                _ = try await SQLiteBroker(database).append(Draft("\(number)"), to: room)
            }
            try await withTemporaryDirectory { copy in
                try FileManager.default.createDirectory(
                    atPath: copy, withIntermediateDirectories: false)
                for file in ["petnexus.db", "petnexus.db-wal"] {
                    try FileManager.default.copyItem(
                        atPath: "\(directory)/\(file)", toPath: "\(copy)/\(file)")
                }
                let restarted = try openDatabase(copy)
                defer { restarted.close() }
                let page = try await SQLiteBroker(restarted)
                    .read(room, after: 0, limit: 1_000, keeping: .plenty)
                #expect(page.epoch == database.epoch)
                #expect(page.publications.map(\.offset) == Array(1...100))
            }
        }
    }

    @Test
    func `gives every new store an epoch of its own, and passing streams one per process`()
        async throws
    {
        try await withDatabase { first in
            try await withDatabase { second in
                #expect(first.epoch != second.epoch)
                let broker = SQLiteBroker(first)
                let page = try await broker.read(room, after: 0, limit: 0, keeping: .nothing)
                #expect(page.epoch != first.epoch)
            }
        }
    }

    @Test
    func `continues where another process has appended`() async throws {
        try await withTemporaryDirectory { directory in
            let (first, second) = (try openDatabase(directory), try openDatabase(directory))
            defer {
                first.close()
                second.close()
            }
            let brokers = [SQLiteBroker(first), SQLiteBroker(second)]
            for number in 1...10 {
                let appended = try await brokers[number % 2].append(Draft("\(number)"), to: room)
                #expect(appended.position.offset == UInt64(number))
            }
        }
    }

    @Test
    func `makes a directory that only its owner can enter`() async throws {
        try await withTemporaryDirectory { directory in
            try openDatabase(directory).close()
            let attributes = try FileManager.default.attributesOfItem(atPath: directory)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test
    func `refuses a file in the place of the directory, and a directory without a parent`()
        async throws
    {
        try await withTemporaryDirectory { path in
            try Data().write(to: URL(filePath: path))
            #expect(
                throws: SQLiteOpenError.unusableDirectory(path: path, reason: "Not a directory")
            ) {
                try openDatabase(path)
            }
        }
        try await withTemporaryDirectory { path in
            #expect(
                throws: SQLiteOpenError.unusableDirectory(
                    path: path + "/data", reason: "No such file or directory")
            ) {
                try openDatabase(path + "/data")
            }
        }
    }

    @Test
    func `refuses a file that is no database`() async throws {
        try await withTemporaryDirectory { directory in
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: false)
            let file = directory + "/petnexus.db"
            let text = Data(repeating: UInt8(ascii: "x"), count: 8_192)
            try text.write(to: URL(filePath: file))
            #expect(throws: SQLiteOpenError.notADatabase(path: file)) {
                try openDatabase(directory)
            }
            #expect(try Data(contentsOf: URL(filePath: file)) == text)
        }
    }

    @Test
    func `refuses a damaged database`() async throws {
        let error = try await openingFails { bytes in
            // Everything but the page with the header and the schema.
            for index in bytes.indices.dropFirst(4_096) { bytes[index] = 0x5a }
        }
        guard case .corrupt = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.description.contains("\n"))
    }

    // Where SQLite keeps the numbers: <https://www.sqlite.org/fileformat.html>, §1.3.

    @Test
    func `refuses the database of a later version`() async throws {
        let error = try await openingFails { $0[63] = 99 }
        guard case .newerSchema(_, found: 99, known: 3) = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test
    func `refuses the database of another program`() async throws {
        let error = try await openingFails { $0[68] ^= 1 }
        guard case .foreignDatabase = error else {
            Issue.record("\(error)")
            return
        }
    }

    /// Makes a database, changes its file, and returns how opening it fails. The file must not
    /// change by that.
    private func openingFails(_ change: (inout [UInt8]) -> Void) async throws -> SQLiteOpenError {
        try await withTemporaryDirectory { directory in
            try openDatabase(directory).close()
            let file = URL(filePath: directory + "/petnexus.db")
            var bytes = [UInt8](try Data(contentsOf: file))
            change(&bytes)
            try Data(bytes).write(to: file)
            let error = #expect(throws: SQLiteOpenError.self) { try openDatabase(directory) }
            #expect([UInt8](try Data(contentsOf: file)) == bytes)
            return try #require(error)
        }
    }
}
