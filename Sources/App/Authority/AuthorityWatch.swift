import Engine
import Transport

/// Follows the authority log for a node: whatever any process changes in the store, the node's
/// sessions learn of it within half a second.
///
/// An entry says when its change was made by the clock of whoever made it, and shows when it is
/// stored. So each look reaches back behind the one before, and what was seen already is skipped. A
/// store that fails is asked again; the next look that succeeds reaches back to the last one that
/// did.
package actor AuthorityWatch {
    /// From the end of one look to the next.
    static let interval = Duration.milliseconds(250)
    /// How far a look reaches back behind the one before: how much the clocks of nodes may differ,
    /// together with the time a commit may take, in milliseconds.
    static let overlapMs: Int64 = 30_000
    /// How long entries are kept, in milliseconds. Who could not look for longer has missed some.
    static let keptMs: Int64 = 600_000
    /// How often old entries are looked for, in milliseconds.
    static let trimIntervalMs: Int64 = 60_000
    /// Entries remembered as seen. Those beyond are passed on again, which costs a look at each
    /// session of their users and nothing else.
    static let seenMax = 50_000

    private let log: AuthorityLog
    private let now: @Sendable () -> Int64
    private let pass: @Sendable (AuthorityUpdate) -> Void
    /// Rooms that were closed, to be told once more: somebody may have been on the way in.
    private var closedLately: Set<AuthorityNews> = []
    private var seen: Set<IndexEntry> = []
    /// When the last look that succeeded began, in milliseconds since 1970.
    private var lookedAtMs: Int64
    private var trimmedAtMs: Int64
    private var watching: Task<Void, Never>?
    private var trimming: Task<Void, Never>?

    /// `now` gives milliseconds since 1970; `pass` must return at once.
    package init(
        _ log: AuthorityLog, now: @escaping @Sendable () -> Int64,
        passingTo pass: @escaping @Sendable (AuthorityUpdate) -> Void
    ) {
        self.log = log
        self.now = now
        self.pass = pass
        lookedAtMs = now()
        trimmedAtMs = lookedAtMs
    }

    /// Looks again and again until `stop`.
    package func start() {
        guard watching == nil else { return }
        watching = Task {
            while !Task.isCancelled {
                await look()
                trimIfDue()
                // Cancelled, it returns early.
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Stops looking, and returns when nothing is under way any more.
    package func stop() async {
        watching?.cancel()
        trimming?.cancel()
        await watching?.value
        await trimming?.value
    }

    /// Passes on what has come since the last look. Where the store fails, the next look does.
    func look() async {
        let nowMs = now()
        // The earlier one, in case the clock was set.
        let fromMs = min(nowMs, lookedAtMs) - Self.overlapMs
        guard let entries = try? await log.entries(fromMs: fromMs) else { return }
        let hasMissedSome = nowMs - lookedAtMs > Self.keptMs - Self.overlapMs
        lookedAtMs = nowMs
        let news = Set(
            entries.lazy.filter { !self.seen.contains($0) }.compactMap(AuthorityNews.init))
        seen = Set(entries.suffix(Self.seenMax))
        let closedBefore = exchange(&closedLately, with: news.filter(\.isClosing))
        if hasMissedSome {
            pass(.missedSome)
        } else if !news.isEmpty || !closedBefore.isEmpty {
            pass(.news(news.union(closedBefore)))
        }
    }

    /// Lets old entries be deleted, beside the looking: a store that hesitates to write must not
    /// keep it from being read.
    private func trimIfDue() {
        let nowMs = now()
        guard trimming == nil, nowMs - trimmedAtMs >= Self.trimIntervalMs else { return }
        trimmedAtMs = nowMs
        trimming = Task {
            await trim()
            trimming = nil
        }
    }

    /// Deletes entries that nobody needs any more. What fails now is done the next time.
    func trim() async {
        try? await log.trim(beforeMs: now() - Self.keptMs)
    }
}
