import Testing

@testable import App

struct LocalLoginThrottleTests {
    @Test func `lets ten attempts on an account pass, then one every six seconds`() {
        let throttle = LocalLoginThrottle()
        for attempt in 0..<10 {
            #expect(throttle.attempt(account: "mia", address: "\(attempt)", nowMs: 1_000) == nil)
        }
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 1_000) == 6)
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 6_999) == 1)
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 7_000) == nil)
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 7_000) == 6)
        #expect(throttle.attempt(account: "tom", address: "a", nowMs: 7_000) == nil)
    }

    @Test func `lets thirty attempts from an address pass, whatever they are for`() {
        let throttle = LocalLoginThrottle()
        for attempt in 0..<30 {
            #expect(throttle.attempt(account: "\(attempt)", address: "a", nowMs: 0) == nil)
        }
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 0) == 2)
        #expect(throttle.attempt(account: "mia", address: "b", nowMs: 0) == nil)
    }

    @Test func `does not count refused attempts against anybody`() {
        let throttle = LocalLoginThrottle(.init(perAccountPerMinute: 1, perAddressPerMinute: 1))
        #expect(throttle.attempt(account: "tom", address: "a", nowMs: 0) == nil)
        #expect(throttle.attempt(account: "mia", address: "a", nowMs: 0) == 60)
        #expect(throttle.attempt(account: "mia", address: "b", nowMs: 0) == nil)
    }

    @Test func `forgives everything after a minute`() {
        let throttle = LocalLoginThrottle()
        for nowMs: Int64 in [0, 60_000] {
            for _ in 0..<10 {
                #expect(throttle.attempt(account: "mia", address: "a", nowMs: nowMs) == nil)
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
