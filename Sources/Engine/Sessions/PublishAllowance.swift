import Synchronization

/// How much one user may publish on this node: so many messages a second, and at once no more than
/// two seconds allow.
///
/// All of the user's sessions and requests share it. It is the generic cell rate algorithm: one
/// time, at which all of the allowance is there again, says how much of it is used.
public final class PublishAllowance: Sendable {
    /// In nanoseconds of the clock that `take` is told.
    private let wholeAtNs = Atomic<Int64>(0)
    private let intervalNs: Int64

    /// What may be used at once.
    private static let windowNs: Int64 = 2_000_000_000

    init(perSecond: Int) {
        precondition((1...1_000_000).contains(perSecond), "a rate that nanoseconds can say")
        intervalNs = 1_000_000_000 / Int64(perSecond)
    }

    /// Takes `count` messages from it, all or none. More than it ever holds takes all of it.
    public func take(_ count: Int = 1, nowMs: Int64) throws(Refusal) {
        let nowNs = nowMs &* 1_000_000
        let costNs = min(Int64(count) &* intervalNs, Self.windowNs)
        var wholeAt = wholeAtNs.load(ordering: .relaxed)
        while true {
            let usedNs = usedNs(nowNs: nowNs, wholeAtNs: wholeAt)
            let excessNs = usedNs &+ costNs &- Self.windowNs
            guard excessNs <= 0 else {
                throw Refusal(
                    .tooFast, "the account publishes too much at once",
                    retryAfterMs: (excessNs + 999_999) / 1_000_000)
            }
            let (isTaken, present) = wholeAtNs.compareExchange(
                expected: wholeAt, desired: nowNs &+ usedNs &+ costNs, ordering: .relaxed)
            if isTaken { return }
            wholeAt = present
        }
    }

    /// Whether nothing of it is used, so that a new one could take its place.
    func isWhole(nowMs: Int64) -> Bool {
        let wholeAt = wholeAtNs.load(ordering: .relaxed)
        return usedNs(nowNs: nowMs &* 1_000_000, wholeAtNs: wholeAt) == 0
    }

    /// More than the window can only be a clock that was set back, which shuts nobody out.
    private func usedNs(nowNs: Int64, wholeAtNs: Int64) -> Int64 {
        let usedNs = wholeAtNs &- nowNs
        return (0...Self.windowNs).contains(usedNs) ? usedNs : 0
    }
}

/// The allowances of the users who are here or published just now.
public final class PublishAllowances: Sendable {
    private struct State {
        var known: [UserID: PublishAllowance] = [:]
        /// The number at which those that nobody needs are forgotten.
        var sweepAt = PublishAllowances.sweepMin
    }

    private let state = Mutex(State())
    private let perSecond: Int

    /// Allowances that are remembered at least, needed or not.
    private static let sweepMin = 4_096

    /// `perSecond` is what each user may publish in a second.
    public init(perSecond: Int) {
        self.perSecond = perSecond
    }

    /// How many are remembered: at most twice as many as users with a session or an allowance that
    /// is not whole, or `sweepMin`.
    var count: Int { state.withLock { $0.known.count } }

    /// A user's, to be kept for as long as a session lives.
    public func allowance(of user: UserID, nowMs: Int64) -> PublishAllowance {
        state.withLock { state in
            if let known = state.known[user] { return known }
            if state.known.count >= state.sweepAt { Self.sweep(&state, nowMs: nowMs) }
            let made = PublishAllowance(perSecond: perSecond)
            state.known[user] = made
            return made
        }
    }

    private static func sweep(_ state: inout State, nowMs: Int64) {
        var needless: [UserID] = []
        for index in state.known.indices {
            let (user, allowance) = state.known[index]
            if allowance.isWhole(nowMs: nowMs) { needless.append(user) }
        }
        for user in needless {
            // Whose session holds it goes on with it: a second one would double what is allowed.
            guard var allowance = state.known.removeValue(forKey: user) else { continue }
            if !isKnownUniquelyReferenced(&allowance) { state.known[user] = allowance }
        }
        state.sweepAt = max(sweepMin, 2 * state.known.count)
    }
}
