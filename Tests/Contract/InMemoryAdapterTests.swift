import Engine
import Synchronization
import TestSupport
import Testing

/// What only the in-memory adapters do: they let a test decide when things happen, and crash.
struct InMemoryAdapterTests {
    private let room = StreamName("chat/1")
    private let user = RecordKey("user", "42")

    @Test
    func `keeps a stream's order however the schedule reorders`() async throws {
        let steps = Steps()
        let broker = InMemoryBroker(epoch: Epoch(rawValue: 7), now: { 0 }, schedule: steps.add)
        let listener = RecordingListener()
        async let attached = broker.attach(listener, to: room, keeping: .plenty)
        await steps.arrival()
        steps.runAll()
        _ = try await attached
        for number in 1...50 {
            broker.append(Draft("\(number)"), to: room, keeping: .plenty) { _ in }
        }
        var random = SystemRandomNumberGenerator()
        while steps.runOne(using: &random) {}
        #expect(listener.publications.map(\.text) == (1...50).map(String.init))
        #expect(listener.offsets == Array(1...50))
    }

    @Test
    func `forgets in a crash what was not stored, and only that`() async throws {
        let steps = Steps()
        let broker = InMemoryBroker(epoch: Epoch(rawValue: 7), now: { 0 }, schedule: steps.add)
        let results = Mutex<[Result<Appended, BrokerError>]>([])
        for text in ["stored", "lost"] {
            broker.append(Draft(text), to: room, keeping: .plenty) { result in
                results.withLock { $0.append(result) }
            }
        }
        steps.runFirst()
        broker.crash()
        steps.runAll()
        #expect(
            results.withLock { $0 } == [
                .failure(.unavailable("crashed")), .failure(.unavailable("crashed")),
            ])
        async let read = broker.read(room, after: 0, limit: 10, keeping: .plenty)
        await steps.arrival()
        steps.runAll()
        let page = try await read
        #expect(page.publications.map(\.text) == ["stored"])
    }

    @Test
    func `answers unavailable where a store crashed before it answered`() async throws {
        let steps = Steps()
        let store = InMemoryStore(now: { 0 }, schedule: steps.add)
        async let commit: Void = store.commit([.put(user, value: [1])])
        await steps.arrival()
        steps.runFirst()
        store.crash()
        steps.runAll()
        do {
            try await commit
            Issue.record("nothing was thrown")
        } catch {
            #expect(error as? StoreError == .unavailable("crashed"))
        }
        async let records = store.records([user])
        await steps.arrival()
        steps.runAll()
        let found = try await records
        #expect(found == [Record(value: [1], version: 1)])
    }
}

/// A schedule whose steps a test runs one by one.
private final class Steps: Sendable {
    private let steps = Mutex<[@Sendable () -> Void]>([])
    private let arrivals = AsyncStream.makeStream(of: Void.self)

    @Sendable func add(_ step: @escaping @Sendable () -> Void) {
        steps.withLock { $0.append(step) }
        arrivals.continuation.yield()
    }

    /// Returns once there is a step to run.
    func arrival() async {
        while steps.withLock({ $0.isEmpty }) {
            for await _ in arrivals.stream { break }
        }
    }

    /// Runs the oldest step.
    func runFirst() {
        steps.withLock { $0.removeFirst() }()
    }

    /// Runs the oldest step until there is none.
    func runAll() {
        while steps.withLock({ !$0.isEmpty }) { runFirst() }
    }

    /// Runs any step; false where there is none.
    func runOne(using random: inout some RandomNumberGenerator) -> Bool {
        let count = steps.withLock { $0.count }
        guard count > 0 else { return false }
        let chosen = Int.random(in: 0..<count, using: &random)
        steps.withLock { $0.remove(at: chosen) }()
        return true
    }
}
