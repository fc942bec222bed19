import Engine

/// When a link connects, is open, gives a connection up and tries again: decisions only. Time comes
/// in with every event, in milliseconds of a clock that never goes back, randomness as a generator.
///
/// A link is open once its connection for commands knows the data set's life and its connection for
/// messages is subscribed to everything wanted. From then on probes go round: published over the
/// one, heard over the other. A link that has not heard one for two seconds is given up, since a
/// connection that takes what is written proves nothing.
struct RedisLinkState {
    enum Phase: Equatable {
        /// Not begun, or shut down.
        case idle
        /// Both connections are being made; what is still missing is nil or false.
        case opening(life: Epoch?, isSubscribed: Bool, untilMs: Int64)
        case open(life: Epoch, probing: Probing)
        /// Tries again then.
        case resting(untilMs: Int64)
    }

    struct Probing: Equatable {
        var numberLast: UInt64
        var nextMs: Int64
        var heardMs: Int64
    }

    enum Action: Equatable {
        /// Open both connections.
        case connect
        /// The link can be used.
        case open(life: Epoch)
        /// Publish a probe with this number.
        case probe(UInt64)
        /// Close both connections, and fail what waits.
        case close(reason: String)
    }

    private(set) var phase = Phase.idle
    /// Why the link isn't open, for those who ask something of it now.
    private(set) var reason = "not connected yet"
    /// How often connecting has failed in a row.
    private var failureCount = 0
    /// When `tick` came last.
    private var tickedMs: Int64 = .min

    /// How long connecting may take, and after it each batch of subscriptions.
    static let openingMs: Int64 = 1_000
    static let probeIntervalMs: Int64 = 500
    static let silenceMaxMs: Int64 = 2_000
    private static let restMinMs: Int64 = 50
    private static let restMaxMs: Int64 = 1_000

    /// The data set's life while the link is open.
    var life: Epoch? {
        if case .open(let life, _) = phase { life } else { nil }
    }

    /// When `tick` is to be called next; nil: nothing is due.
    var nextDueMs: Int64? {
        switch phase {
        case .idle: nil
        case .opening(_, _, let untilMs), .resting(let untilMs): untilMs
        case .open(_, let probing): min(probing.nextMs, probing.heardMs + Self.silenceMaxMs)
        }
    }

    // MARK: Events

    /// The link is to be used.
    mutating func begin(nowMs: Int64) -> [Action] {
        guard case .idle = phase else { return [] }
        return connect(nowMs: nowMs)
    }

    /// The connection for commands is ready, and the data set's life known.
    mutating func greeted(life: Epoch, nowMs: Int64) -> [Action] {
        guard case .opening(_, let isSubscribed, let untilMs) = phase else { return [] }
        phase = .opening(life: life, isSubscribed: isSubscribed, untilMs: untilMs)
        return openIfReady(nowMs: nowMs)
    }

    /// Some of what is wanted is subscribed to, all of it where `isComplete`: that takes the time it
    /// takes as long as it goes on.
    mutating func subscribed(isComplete: Bool, nowMs: Int64) -> [Action] {
        guard case .opening(let life, let wasSubscribed, _) = phase else { return [] }
        phase = .opening(
            life: life, isSubscribed: isComplete || wasSubscribed,
            untilMs: nowMs + Self.openingMs)
        return openIfReady(nowMs: nowMs)
    }

    /// A probe has come round.
    mutating func heard(probe number: UInt64, nowMs: Int64) {
        guard case .open(let life, var probing) = phase, number <= probing.numberLast else {
            return
        }
        probing.heardMs = max(probing.heardMs, nowMs)
        phase = .open(life: life, probing: probing)
        failureCount = 0
    }

    /// A connection is gone or can't be used.
    mutating func failed(
        _ reason: String, nowMs: Int64, using random: inout some RandomNumberGenerator
    ) -> [Action] {
        switch phase {
        case .idle, .resting: return []
        case .opening, .open: break
        }
        let spanMs = min(Self.restMinMs << Int64(min(failureCount, 10)), Self.restMaxMs)
        failureCount += 1
        self.reason = reason
        phase = .resting(untilMs: nowMs + Int64.random(in: spanMs / 2...spanMs, using: &random))
        return [.close(reason: reason)]
    }

    /// Time has passed.
    mutating func tick(
        nowMs: Int64, using random: inout some RandomNumberGenerator
    ) -> [Action] {
        defer { tickedMs = nowMs }
        switch phase {
        case .idle:
            return []
        case .resting(let untilMs):
            return nowMs >= untilMs ? connect(nowMs: nowMs) : []
        case .opening(_, _, let untilMs):
            guard nowMs >= untilMs else { return [] }
            return failed("no answer in time", nowMs: nowMs, using: &random)
        case .open(let life, var probing):
            // Whoever has slept himself can't blame the silence on the server.
            if nowMs > tickedMs + 2 * Self.probeIntervalMs { probing.heardMs = nowMs }
            guard nowMs < probing.heardMs + Self.silenceMaxMs else {
                return failed(
                    "no probe has come back for \(Self.silenceMaxMs) ms", nowMs: nowMs,
                    using: &random)
            }
            guard nowMs >= probing.nextMs else {
                phase = .open(life: life, probing: probing)
                return []
            }
            probing.numberLast += 1
            probing.nextMs = nowMs + Self.probeIntervalMs
            phase = .open(life: life, probing: probing)
            return [.probe(probing.numberLast)]
        }
    }

    /// The link is not to be used any more.
    mutating func shutDown() -> [Action] {
        defer { phase = .idle }
        reason = "shut down"
        switch phase {
        case .idle, .resting: return []
        case .opening, .open: return [.close(reason: reason)]
        }
    }

    private mutating func connect(nowMs: Int64) -> [Action] {
        phase = .opening(life: nil, isSubscribed: false, untilMs: nowMs + Self.openingMs)
        return [.connect]
    }

    private mutating func openIfReady(nowMs: Int64) -> [Action] {
        guard case .opening(let life?, isSubscribed: true, _) = phase else { return [] }
        tickedMs = nowMs
        phase = .open(
            life: life,
            probing: Probing(numberLast: 1, nextMs: nowMs + Self.probeIntervalMs, heardMs: nowMs))
        return [.open(life: life), .probe(1)]
    }
}
