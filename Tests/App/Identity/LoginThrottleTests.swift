import Engine
import Synchronization
import TestSupport
import Testing

@testable import App

struct LoginThrottleTests {
    /// Where attempts are counted.
    enum Place: CaseIterable {
        case memory
        case store
        /// Each attempt at another node than the one before.
        case severalNodes
    }

    /// A throttle, and the clock that it and its store go by.
    private struct Gate {
        let clock = ManualClock(0)
        private let nodes: [any LoginThrottle]
        private let turn = Counter()

        init(_ place: Place, _ limits: LoginLimits = LoginLimits()) {
            let store = InMemoryStore(now: { [clock] in clock.nowMs })
            switch place {
            case .memory: nodes = [LocalLoginThrottle(limits)]
            case .store: nodes = [SharedLoginThrottle(store, limits)]
            case .severalNodes:
                nodes = (0..<3).map { _ in SharedLoginThrottle(store, limits) }
            }
        }

        func attempt(
            account: String, address: String, nowMs: Int64
        ) async throws -> Int? {
            clock.advance(byMs: nowMs - clock.nowMs)
            return try await nodes[turn.next() % nodes.count].attempt(
                account: account, address: address, nowMs: nowMs)
        }
    }

    @Test(arguments: Place.allCases)
    func `lets ten attempts on an account pass, then one every six seconds`(
        place: Place
    ) async throws {
        let gate = Gate(place)
        for attempt in 0..<10 {
            let wait = try await gate.attempt(
                account: "mia", address: "\(attempt)", nowMs: 1_000)
            #expect(wait == nil)
        }
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 1_000) == 6)
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 6_999) == 1)
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 7_000) == nil)
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 7_000) == 6)
        #expect(try await gate.attempt(account: "tom", address: "a", nowMs: 7_000) == nil)
    }

    @Test(arguments: Place.allCases)
    func `lets thirty attempts from an address pass, whatever they are for`(
        place: Place
    ) async throws {
        let gate = Gate(place)
        for attempt in 0..<30 {
            let wait = try await gate.attempt(account: "\(attempt)", address: "a", nowMs: 0)
            #expect(wait == nil)
        }
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 0) == 2)
        #expect(try await gate.attempt(account: "mia", address: "b", nowMs: 0) == nil)
    }

    @Test(arguments: Place.allCases)
    func `does not count refused attempts against anybody`(place: Place) async throws {
        let gate = Gate(place, LoginLimits(perAccountPerMinute: 1, perAddressPerMinute: 1))
        #expect(try await gate.attempt(account: "tom", address: "a", nowMs: 0) == nil)
        #expect(try await gate.attempt(account: "mia", address: "a", nowMs: 0) == 60)
        #expect(try await gate.attempt(account: "mia", address: "b", nowMs: 0) == nil)
    }

    @Test(arguments: Place.allCases)
    func `forgives everything after a minute`(place: Place) async throws {
        let gate = Gate(place)
        for nowMs: Int64 in [0, 60_000] {
            for _ in 0..<10 {
                #expect(
                    try await gate.attempt(account: "mia", address: "a", nowMs: nowMs) == nil)
            }
        }
    }

    @Test func `keeps its memory bounded, and whoever tried most in mind`() {
        var limiter = AttemptLimiter(perMinute: 10, bucketsMax: 100)
        for _ in 0..<10 { limiter.record(-1, nowMs: 0) }
        for key in 0..<1_000 {
            limiter.record(key, nowMs: 0)
            #expect(limiter.bucketCount <= 100)
        }
        #expect(limiter.waitMs(-1, nowMs: 0) == 6_000)
    }
}

/// What only a throttle in a store has to do.
struct SharedLoginThrottleTests {
    private let clock = ManualClock(0)
    private let rendezvous = Rendezvous()
    private let store: InMemoryStore

    init() {
        let clock = clock
        store = InMemoryStore(now: { clock.nowMs }, schedule: rendezvous.run)
    }

    private func throttle(perAccount: Int = 10, perAddress: Int = 30) -> SharedLoginThrottle {
        SharedLoginThrottle(
            store, LoginLimits(perAccountPerMinute: perAccount, perAddressPerMinute: perAddress))
    }

    private func attempt(nowMs: Int64? = nil) async throws -> Int? {
        try await throttle(perAccount: 3).attempt(
            account: "mia", address: "a", nowMs: nowMs ?? clock.nowMs)
    }

    @Test func `counts each of several attempts at the same time`() async throws {
        let throttle = throttle()
        rendezvous.expect(5)
        try await withThrowingTaskGroup(of: Int?.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    try await throttle.attempt(account: "mia", address: "a", nowMs: 0)
                }
            }
            for try await wait in group { #expect(wait == nil) }
        }
        for _ in 0..<5 {
            #expect(try await throttle.attempt(account: "mia", address: "a", nowMs: 0) == nil)
        }
        #expect(try await throttle.attempt(account: "mia", address: "a", nowMs: 0) == 6)
    }

    @Test func `takes no place once nobody has tried for a minute`() async throws {
        for _ in 0..<3 { _ = try await attempt() }
        let key = RecordKey("login-throttle", "account/pq4HrVVsX5NIzAnBbtF6Qw")
        let record = try await store.records([key])[0]
        #expect(record?.expiresAtMs == 60_000)
        clock.advance(byMs: 60_000)
        #expect(try await store.records([key]) == [nil])
    }

    @Test func `counts for nodes whose clocks differ a little`() async throws {
        for _ in 0..<3 { _ = try await attempt(nowMs: 30_000) }
        #expect(try await attempt() == 20)
        clock.advance(byMs: 50_000)
        #expect(try await attempt() == nil)
    }

    @Test func `a clock that is far ahead shuts nobody out`() async throws {
        for _ in 0..<3 { _ = try await attempt(nowMs: 3_600_000) }
        #expect(try await attempt() == nil)
    }

    @Test func `writes nothing for an attempt that it refuses`() async throws {
        for _ in 0..<3 { _ = try await attempt() }
        let before = store.commitCount
        #expect(try await attempt() == 20)
        #expect(store.commitCount == before)
    }

    @Test func `lets nobody try while the store does not work`() async throws {
        store.failing = .unavailable("told to")
        await #expect(throws: StoreError.unavailable("told to")) { try await attempt() }
    }
}

/// Counts from 0.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
