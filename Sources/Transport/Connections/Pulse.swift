import Engine

/// The heart-beats of one connection: when one must be sent, and how long silence is believed
/// (STOMP 1.2, Heart-beating). Times are milliseconds of the monotonic clock.
struct Pulse: Sendable {
    // 0 for never. A connection has one of these for life, so they are no wider than a header's
    // nine digits, doubled, can be.
    private let sendMs: UInt32
    private let silenceMaxMs: UInt32

    enum Verdict: Equatable {
        /// Nothing to do before this time.
        case waits(untilMs: Int64)
        /// A heart-beat is due; look again at this time.
        case beats(nextMs: Int64)
        /// The peer promised to be heard by now.
        case isDead
    }

    init(_ agreement: HeartBeat.Agreement) {
        sendMs = UInt32(agreement.send?.wholeMilliseconds ?? 0)
        silenceMaxMs = UInt32(agreement.silenceMax?.wholeMilliseconds ?? 0)
    }

    /// Looks at the clock. `slackMs` is how much later than asked for the next look may be: a
    /// heart-beat is sent that much early, so that it is never late.
    func check(
        nowMs: Int64, lastSentMs: Int64, lastReceivedMs: Int64, slackMs: Int64
    ) -> Verdict {
        let deathMs = silenceMaxMs == 0 ? .max : lastReceivedMs + Int64(silenceMaxMs)
        guard nowMs < deathMs else { return .isDead }
        guard sendMs > 0 else { return .waits(untilMs: deathMs) }
        let intervalMs = max(1, Int64(sendMs) - slackMs)
        let dueMs = lastSentMs + intervalMs
        guard nowMs >= dueMs else { return .waits(untilMs: min(deathMs, dueMs)) }
        return .beats(nextMs: min(deathMs, nowMs + intervalMs))
    }
}
