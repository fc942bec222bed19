import Engine
import Synchronization
import TestSupport
import Testing
import Transport

@testable import App

struct AuthorityWatchTests {
    private let clock = ManualClock()
    private let store: InMemoryStore
    private let watch: AuthorityWatch
    private let heard = Heard()

    init() {
        let clock = clock
        let heard = heard
        store = InMemoryStore(now: { clock.nowMs })
        watch = AuthorityWatch(
            AuthorityLog(store: store, now: { clock.nowMs }), now: { clock.nowMs }
        ) {
            heard.add($0)
        }
    }

    /// A log as another process has it, whose clock may go ahead or behind.
    private func log(aheadByMs aheadMs: Int64 = 0) -> AuthorityLog {
        let clock = clock
        return AuthorityLog(store: store, now: { clock.nowMs + aheadMs })
    }

    private func change(_ user: Int64, aheadByMs aheadMs: Int64 = 0) async throws {
        try await log(aheadByMs: aheadMs).commit([], [.disabled], of: UserID(user))
    }

    private func look(afterMs: Int64 = 250) async {
        clock.advance(byMs: afterMs)
        await watch.look()
    }

    @Test func `passes on each change once`() async throws {
        try await change(5)
        try await change(6)
        await look()
        #expect(heard.changes == [.news([.changed(UserID(5)), .changed(UserID(6))])])
        await look()
        try await change(5)
        await look()
        await look()
        #expect(
            heard.changes == [
                .news([.changed(UserID(5)), .changed(UserID(6))]), .news([.changed(UserID(5))]),
            ])
    }

    @Test(arguments: [-19_000, 19_000] as [Int64])
    func `passes on the changes of nodes whose clocks are off`(aheadMs: Int64) async throws {
        await look()
        try await change(5, aheadByMs: aheadMs)
        await look()
        await look(afterMs: 60_000)
        #expect(heard.changes == [.news([.changed(UserID(5))])])
    }

    @Test func `passes on a change whose commit took longer than a later one's`() async throws {
        let slow = IndexEntry(sortKey: clock.nowMs.sortKey + [1], id: "disabled/5")
        clock.advance(byMs: 100)
        try await change(6)
        await look()
        clock.advance(byMs: 5_000)
        try await store.commit([.insert(slow, index: "authority")])
        await look()
        #expect(heard.changes == [.news([.changed(UserID(6))]), .news([.changed(UserID(5))])])
    }

    @Test(arguments: [-3_600_000, 300_000] as [Int64])
    func `loses nothing when the clock is set`(stepMs: Int64) async throws {
        await look()
        try await change(5)
        await look(afterMs: stepMs)
        try await change(6)
        await look()
        #expect(heard.changes == [.news([.changed(UserID(5))]), .news([.changed(UserID(6))])])
    }

    @Test func `catches up when the store is back`() async throws {
        await look()
        try await change(5)
        store.failing = .unavailable("told to")
        for _ in 0..<100 { await look(afterMs: 1_000) }
        #expect(heard.changes.isEmpty)
        store.failing = nil
        await look()
        #expect(heard.changes == [.news([.changed(UserID(5))])])
    }

    @Test func `lets everybody be asked when more was missed than is kept`() async throws {
        await look()
        store.failing = .unavailable("told to")
        await look(afterMs: 600_000)
        store.failing = nil
        await look()
        #expect(heard.changes == [.missedSome])
        await look()
        #expect(heard.changes == [.missedSome])
    }

    @Test func `reads more changes than one page has`() async throws {
        for user in 1...2_500 { try await change(Int64(user)) }
        await look()
        let users = (1...2_500).map { UserID(Int64($0)) }
        #expect(heard.changes == [.news(Set(users.map(AuthorityNews.changed)))])
    }

    @Test func `forgets old entries and keeps the others`() async throws {
        for user in 1...1_100 { try await change(Int64(user)) }
        clock.advance(byMs: AuthorityWatch.keptMs)
        try await change(2)
        clock.advance(byMs: 1)
        await watch.trim()
        let left = try await store.entries(
            of: "authority", in: .all, descending: false, skip: 0, limit: 10)
        #expect(left.map(\.id) == ["disabled/2"])
    }

    @Test func `ignores what is no entry`() async throws {
        let strange = IndexEntry(sortKey: clock.nowMs.sortKey, id: "what is this")
        try await store.commit([.insert(strange, index: "authority")])
        await look()
        #expect(heard.changes.isEmpty)
    }

    @Test func `ends when it is stopped`() async throws {
        await watch.start()
        try await change(5)
        while heard.changes.isEmpty { await Task.yield() }
        await watch.stop()
        #expect(heard.changes == [.news([.changed(UserID(5))])])
    }
}

private final class Heard: Sendable {
    private let list = Mutex<[AuthorityUpdate]>([])

    var changes: [AuthorityUpdate] { list.withLock { $0 } }

    func add(_ change: AuthorityUpdate) {
        list.withLock { $0.append(change) }
    }
}
