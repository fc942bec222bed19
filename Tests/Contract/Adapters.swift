import Engine
import TestSupport
import Testing
import Transport

/// The adapters that every contract suite runs against.
enum Adapter: String, CaseIterable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case inMemory = "in memory"
    case redis = "Redis"

    var testDescription: String { rawValue }
}

/// A port's adapter as a test sees it.
struct Subject<Port: Sendable>: Sendable {
    let port: Port
    let clock: ManualClock
    /// Makes everything that needs room fail from now on, or work again.
    let setFailing: @Sendable (Bool) async -> Void
}

/// Runs a test with a fresh broker.
func withBroker(
    _ adapter: Adapter, _ body: (Subject<any Broker>) async throws -> Void
) async throws {
    let clock = ManualClock()
    switch adapter {
    case .sqlite:
        try await withDatabase(clock) { database in
            try await body(
                Subject(port: SQLiteBroker(database), clock: clock) { isFailing in
                    database.limitPages(to: isFailing ? 1 : .max)
                })
        }
    case .inMemory:
        let broker = InMemoryBroker(epoch: Epoch(rawValue: 7), now: { clock.nowMs })
        try await body(
            Subject(port: broker, clock: clock) { isFailing in
                broker.failing = isFailing ? .unavailable("told to") : nil
            })
    case .redis:
        try await withRedisServers { servers, setFailing in
            let broker = RedisBroker(servers, now: { clock.nowMs })
            try await body(Subject(port: broker, clock: clock, setFailing: setFailing))
            await broker.close()
        }
    }
}

/// Runs a test with a fresh store.
func withStore(
    _ adapter: Adapter, _ body: (Subject<any Store>) async throws -> Void
) async throws {
    let clock = ManualClock()
    switch adapter {
    case .sqlite:
        try await withDatabase(clock) { database in
            try await body(
                Subject(port: SQLiteStore(database), clock: clock) { isFailing in
                    database.limitPages(to: isFailing ? 1 : .max)
                })
        }
    case .inMemory:
        let store = InMemoryStore(now: { clock.nowMs })
        try await body(
            Subject(port: store, clock: clock) { isFailing in
                store.failing = isFailing ? .unavailable("told to") : nil
            })
    case .redis:
        try await withRedisServers { servers, setFailing in
            let store = RedisStore(servers, now: { clock.nowMs })
            try await body(Subject(port: store, clock: clock, setFailing: setFailing))
        }
    }
}

/// Runs a test with a database in a directory of its own.
func withDatabase(
    _ clock: ManualClock = ManualClock(), waitingMax: Int = 65_536,
    _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        let database = try openDatabase(directory, clock, waitingMax: waitingMax)
        defer { database.close() }
        try await body(database)
    }
}

/// Opens a database with a test's clock.
func openDatabase(
    _ directory: String, _ clock: ManualClock = ManualClock(), waitingMax: Int = 65_536
) throws(SQLiteOpenError) -> SQLiteDatabase {
    var random = SystemRandomNumberGenerator()
    return try SQLiteDatabase.open(
        directory: directory, using: &random, waitingMax: waitingMax, now: { clock.nowMs })
}

extension Broker {
    /// Appends and waits for the answer.
    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention = .plenty
    ) async throws(BrokerError) -> Appended {
        let result: Result<Appended, BrokerError> = await withCheckedContinuation { continuation in
            append(draft, to: stream, keeping: retention) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }
}

extension Retention {
    /// More than any test writes.
    static let plenty = Retention(countMax: 1_000_000)
}

extension Draft {
    /// A message of a test: its text, from somebody.
    init(
        _ text: String, from sender: Int64 = 1, key: String? = nil, atMs timestampMs: Int64 = 0
    ) {
        self.init(
            sender: UserID(sender), senderName: "user \(sender)", contentType: "text/plain",
            body: Array(text.utf8), timestampMs: timestampMs, idempotencyKey: key)
    }
}

extension Publication {
    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}
