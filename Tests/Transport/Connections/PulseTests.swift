import Testing

@testable import Transport

struct PulseTests {
    private static func pulse(send: Int?, expect: Int?) -> Pulse {
        Pulse(
            HeartBeat.Agreement(
                send: send.map { .milliseconds($0) }, expect: expect.map { .milliseconds($0) }))
    }

    private static func check(
        _ pulse: Pulse, nowMs: Int64, sentMs: Int64 = 0, receivedMs: Int64 = 0
    ) -> Pulse.Verdict {
        pulse.check(nowMs: nowMs, lastSentMs: sentMs, lastReceivedMs: receivedMs, slackMs: 250)
    }

    @Test func `without an agreement there is nothing to do, ever`() {
        #expect(
            Self.check(Self.pulse(send: nil, expect: nil), nowMs: 1_000_000)
                == .waits(untilMs: .max))
    }

    @Test func `beats early by the slack, and only when nothing else was sent`() {
        let pulse = Self.pulse(send: 1_000, expect: nil)
        #expect(Self.check(pulse, nowMs: 749) == .waits(untilMs: 750))
        #expect(Self.check(pulse, nowMs: 750) == .beats(nextMs: 1_500))
        #expect(Self.check(pulse, nowMs: 750, sentMs: 700) == .waits(untilMs: 1_450))
    }

    @Test func `an interval shorter than the slack still is one`() {
        let pulse = Self.pulse(send: 100, expect: nil)
        #expect(Self.check(pulse, nowMs: 0) == .waits(untilMs: 1))
        #expect(Self.check(pulse, nowMs: 5) == .beats(nextMs: 6))
    }

    @Test func `believes twice the promised interval of silence`() {
        let pulse = Self.pulse(send: nil, expect: 1_000)
        #expect(Self.check(pulse, nowMs: 1_999) == .waits(untilMs: 2_000))
        #expect(Self.check(pulse, nowMs: 2_000) == .isDead)
        #expect(Self.check(pulse, nowMs: 2_000, receivedMs: 1) == .waits(untilMs: 2_001))
    }

    @Test func `looks again at whatever comes first`() {
        let pulse = Self.pulse(send: 1_000, expect: 1_000)
        #expect(Self.check(pulse, nowMs: 0) == .waits(untilMs: 750))
        #expect(Self.check(pulse, nowMs: 1_500) == .beats(nextMs: 2_000))
        #expect(Self.check(pulse, nowMs: 1_500, sentMs: 1_500) == .waits(untilMs: 2_000))
    }
}
