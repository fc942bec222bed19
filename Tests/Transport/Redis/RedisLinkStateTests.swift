import Engine
import TestSupport
import Testing

@testable import Transport

/// When a link connects, is open, and is given up: event by event.
struct RedisLinkStateTests {
    private let life = Epoch(rawValue: 7)

    /// Open since 1,000, the first probe having come round at once.
    private func open() -> RedisLinkState {
        var state = RedisLinkState()
        _ = state.begin(nowMs: 900)
        _ = state.greeted(life: life, nowMs: 950)
        _ = state.subscribed(isComplete: true, nowMs: 1_000)
        state.heard(probe: 1, nowMs: 1_000)
        return state
    }

    @Test func `a link connects when it begins`() {
        var state = RedisLinkState()
        #expect(state.nextDueMs == nil)
        #expect(state.begin(nowMs: 0) == [.connect])
        #expect(state.begin(nowMs: 0) == [])
        #expect(state.life == nil)
    }

    @Test func `it is open once the life is known and everything is subscribed to`() {
        var state = RedisLinkState()
        _ = state.begin(nowMs: 0)
        #expect(state.greeted(life: life, nowMs: 1) == [])
        #expect(state.subscribed(isComplete: false, nowMs: 2) == [])
        #expect(state.life == nil)
        #expect(state.subscribed(isComplete: true, nowMs: 3) == [.open(life: life), .probe(1)])
        #expect(state.life == life)
    }

    @Test func `the subscriptions may be there before the life is known`() {
        var state = RedisLinkState()
        _ = state.begin(nowMs: 0)
        #expect(state.subscribed(isComplete: true, nowMs: 1) == [])
        #expect(state.greeted(life: life, nowMs: 2) == [.open(life: life), .probe(1)])
    }

    @Test func `an attempt that takes a second is given up`() {
        var (state, random) = (RedisLinkState(), SeededRandom(seed: 1))
        _ = state.begin(nowMs: 0)
        #expect(state.nextDueMs == 1_000)
        #expect(state.tick(nowMs: 999, using: &random) == [])
        #expect(state.tick(nowMs: 1_000, using: &random) == [.close(reason: "no answer in time")])
    }

    @Test func `many subscriptions may take long as long as they go on`() {
        var (state, random) = (RedisLinkState(), SeededRandom(seed: 1))
        _ = state.begin(nowMs: 0)
        _ = state.greeted(life: life, nowMs: 1)
        for nowMs in stride(from: 900, through: 9_000, by: 900) as StrideThrough<Int64> {
            #expect(state.subscribed(isComplete: false, nowMs: nowMs) == [])
            #expect(state.tick(nowMs: nowMs + 899, using: &random) == [])
        }
        #expect(state.tick(nowMs: 10_000, using: &random) == [.close(reason: "no answer in time")])
    }

    @Test func `an open link sends a probe round every half second`() {
        var (state, random) = (open(), SeededRandom(seed: 1))
        #expect(state.nextDueMs == 1_500)
        #expect(state.tick(nowMs: 1_499, using: &random) == [])
        #expect(state.tick(nowMs: 1_500, using: &random) == [.probe(2)])
        state.heard(probe: 2, nowMs: 1_501)
        #expect(state.tick(nowMs: 2_000, using: &random) == [.probe(3)])
    }

    @Test func `a link whose probes don't come back for two seconds is given up`() {
        var (state, random) = (open(), SeededRandom(seed: 1))
        for nowMs in [1_500, 2_000, 2_500] as [Int64] {
            #expect(state.tick(nowMs: nowMs, using: &random).count == 1)
        }
        #expect(
            state.tick(nowMs: 3_000, using: &random)
                == [.close(reason: "no probe has come back for 2000 ms")])
        #expect(state.life == nil)
    }

    @Test func `a probe that nobody sent proves nothing`() {
        var (state, random) = (open(), SeededRandom(seed: 1))
        for nowMs in [1_500, 2_000, 2_500] as [Int64] {
            _ = state.tick(nowMs: nowMs, using: &random)
            state.heard(probe: 99, nowMs: nowMs)
        }
        #expect(state.tick(nowMs: 3_000, using: &random).count == 1)
        #expect(state.life == nil)
    }

    @Test func `who has slept himself asks anew before he judges`() {
        var (state, random) = (open(), SeededRandom(seed: 1))
        #expect(state.tick(nowMs: 21_000, using: &random) == [.probe(2)])
        for nowMs in [21_500, 22_000, 22_500] as [Int64] {
            #expect(state.tick(nowMs: nowMs, using: &random).count == 1)
        }
        #expect(state.life == life)
        #expect(state.tick(nowMs: 23_000, using: &random).count == 1)
        #expect(state.life == nil)
    }

    @Test func `what is lost is closed once, and tried again after a rest`() throws {
        var (state, random) = (open(), SeededRandom(seed: 1))
        #expect(state.failed("gone", nowMs: 2_000, using: &random) == [.close(reason: "gone")])
        #expect(state.failed("gone too", nowMs: 2_000, using: &random) == [])
        #expect(state.reason == "gone")
        let dueMs = try #require(state.nextDueMs)
        #expect((2_025...2_050).contains(dueMs))
        #expect(state.tick(nowMs: dueMs - 1, using: &random) == [])
        #expect(state.tick(nowMs: dueMs, using: &random) == [.connect])
    }

    @Test func `the rests grow to a second, and differ`() throws {
        var (state, random) = (RedisLinkState(), SeededRandom(seed: 1))
        var nowMs: Int64 = 0
        var restsMs: [Int64] = []
        _ = state.begin(nowMs: nowMs)
        for _ in 0..<40 {
            _ = state.failed("refused", nowMs: nowMs, using: &random)
            let dueMs = try #require(state.nextDueMs)
            restsMs.append(dueMs - nowMs)
            nowMs = dueMs
            #expect(state.tick(nowMs: nowMs, using: &random) == [.connect])
        }
        #expect(restsMs[0] <= 50)
        #expect(restsMs[10...].allSatisfy { (500...1_000).contains($0) })
        #expect(Set(restsMs[10...]).count > 20)
    }

    @Test func `a probe that comes back ends the growing of the rests`() throws {
        var (state, random) = (RedisLinkState(), SeededRandom(seed: 1))
        _ = state.begin(nowMs: 0)
        for nowMs in stride(from: 0, to: 20_000, by: 2_000) as StrideTo<Int64> {
            _ = state.failed("refused", nowMs: nowMs, using: &random)
            _ = state.tick(nowMs: nowMs + 1_999, using: &random)
        }
        _ = state.greeted(life: life, nowMs: 20_000)
        _ = state.subscribed(isComplete: true, nowMs: 20_000)
        state.heard(probe: 1, nowMs: 20_001)
        _ = state.failed("gone", nowMs: 20_002, using: &random)
        #expect(try #require(state.nextDueMs) <= 20_052)
    }

    @Test func `a link that was shut down does nothing more`() {
        var (state, random) = (open(), SeededRandom(seed: 1))
        #expect(state.shutDown() == [.close(reason: "shut down")])
        #expect(state.nextDueMs == nil)
        #expect(state.tick(nowMs: 9_000, using: &random) == [])
        #expect(state.failed("late", nowMs: 9_000, using: &random) == [])
        #expect(state.greeted(life: life, nowMs: 9_000) == [])
        #expect(state.reason == "shut down")
    }
}
