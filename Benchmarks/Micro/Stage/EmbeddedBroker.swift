import Engine
import Foundation
import Transport

/// The broker of a real node, in a directory of its own that is removed afterwards.
enum EmbeddedBroker {
    /// Runs `body` with it.
    static func with(
        _ body: (SQLiteBroker) async throws -> Measurement
    ) async throws -> Measurement {
        let directory = FileManager.default.temporaryDirectory.appending(path: "micro-\(UUID())")
        var random = Always(number: 0x1234_5678_9abc_def0)
        let database = try SQLiteDatabase.open(
            directory: directory.path, using: &random, now: { Sample.nowMs })
        defer {
            database.close()
            // What remains is in the system's temporary directory, and no reason to fail.
            try? FileManager.default.removeItem(at: directory)
        }
        return try await body(SQLiteBroker(database))
    }

    /// No luck: positions have the same length in every run.
    private struct Always: RandomNumberGenerator {
        let number: UInt64

        mutating func next() -> UInt64 { number }
    }
}
