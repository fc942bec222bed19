import Engine
import Synchronization
import Transport

/// Writes a great many changes and messages to the embedded store: the next batch is made while the
/// store is busy with the one before.
struct BulkWriter {
    /// Changes of a commit, or messages that are under way.
    private static let batchSize = 10_000

    private let store: SQLiteStore
    private let broker: SQLiteBroker
    private var changes: [Change] = []
    private var messages: [(draft: Draft, stream: StreamName)] = []
    private var underWay: Task<Void, any Error>?

    init(_ database: SQLiteDatabase) {
        store = SQLiteStore(database)
        broker = SQLiteBroker(database)
    }

    mutating func commit(_ changes: [Change]) async throws {
        self.changes += changes
        if self.changes.count >= Self.batchSize { try await flush() }
    }

    mutating func append(_ draft: Draft, to stream: StreamName) async throws {
        messages.append((draft, stream))
        if messages.count >= Self.batchSize { try await flush() }
    }

    /// Waits until everything is written.
    mutating func finish() async throws {
        try await flush()
        try await flush()
    }

    /// Hands over what has gathered, once what was handed over before is written.
    private mutating func flush() async throws {
        try await underWay?.value
        let (changes, messages) = (changes, messages)
        self.changes = []
        self.messages = []
        let (store, broker) = (store, broker)
        underWay = Task {
            if !changes.isEmpty { try await store.commit(changes) }
            if !messages.isEmpty { try await Self.append(messages, to: broker) }
        }
    }

    private static func append(
        _ messages: [(draft: Draft, stream: StreamName)], to broker: SQLiteBroker
    ) async throws {
        let retention = Retention(countMax: 100_000_000)
        let outcome = Mutex((left: messages.count, failure: BrokerError?.none))
        try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<Void, any Error>) in
            for (draft, stream) in messages {
                broker.append(draft, to: stream, keeping: retention) { result in
                    let end = outcome.withLock { outcome -> Result<Void, BrokerError>? in
                        outcome.left -= 1
                        if case .failure(let error) = result { outcome.failure = error }
                        guard outcome.left == 0 else { return nil }
                        return outcome.failure.map { .failure($0) } ?? .success(())
                    }
                    if let end { continuation.resume(with: end.mapError { $0 as any Error }) }
                }
            }
        }
    }
}
