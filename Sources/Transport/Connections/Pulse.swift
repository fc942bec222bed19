import Engine

/// The heart-beats of one connection: when one must be sent, and how long silence is believed
/// (STOMP 1.2, Heart-beating). Times are milliseconds of the monotonic clock.
struct Pulse: Sendable {
    private let sendMs: Int64?
    private let silenceMaxMs: Int64?

    enum Verdict: Equatable {
        /// Nothing to do before this time.
        case waits(untilMs: Int64)
        /// A heart-beat is due; look again at this time.
        case beats(nextMs: Int64)
        /// The peer promised to be heard by now.
        case isDead
    }

    init(_ agreement: HeartBeat.Agreement) {
        sendMs = agreement.send?.wholeMilliseconds
        silenceMaxMs = agreement.silenceMax?.wholeMilliseconds
    }

    /// Looks at the clock. `slackMs` is how much later than asked for the next look may be: a
    /// heart-beat is sent that much early, so that it is never late.
    func check(
        nowMs: Int64, lastSentMs: Int64, lastReceivedMs: Int64, slackMs: Int64
    ) -> Verdict {
        let deathMs = silenceMaxMs.map { lastReceivedMs + $0 } ?? .max
        guard nowMs < deathMs else { return .isDead }
        guard let sendMs else { return .waits(untilMs: deathMs) }
        let dueMs = lastSentMs + max(1, sendMs - slackMs)
        guard nowMs >= dueMs else { return .waits(untilMs: min(deathMs, dueMs)) }
        return .beats(nextMs: min(deathMs, nowMs + max(1, sendMs - slackMs)))
    }
}
