/// Several loops and what happens outside of them, run on the caller's thread in an order that a
/// seed decides: the same seed gives the same run, in every process.
///
/// Each loop runs its own items in order; between loops, and between the steps outside, any order
/// may come. Time stands still unless the simulation is told to move it.
public final class Simulator {
    public let clock: ManualClock
    public let loops: [ManualLoop]
    /// What happens outside of the loops: give its `schedule` to in-memory adapters.
    public let steps = ManualSteps()
    /// The source of every choice; a test draws its own from here too.
    public var random: SeededRandom
    private let pool = ManualPool()

    /// Where things may happen.
    public enum Place {
        case everywhere
        /// Nothing happens outside: no adapter does what it was asked.
        case loops
        /// The loops rest.
        case outside
    }

    public init(seed: UInt64 = 0, loopCount: Int) {
        let clock = ManualClock()
        self.clock = clock
        loops = (0..<loopCount).map { _ in ManualLoop(clock: clock) }
        random = SeededRandom(seed: seed)
    }

    /// Runs one thing somewhere; false where there is nothing to run but timers that are not due.
    @discardableResult
    public func step(_ place: Place = .everywhere) -> Bool {
        let ready = place == .outside ? [] : loops.filter(\.canRun)
        let isPoolReady = place != .outside && pool.count > 0
        let isOutsideReady = place != .loops && steps.count > 0
        let choices = ready.count + (isPoolReady ? 1 : 0) + (isOutsideReady ? 1 : 0)
        guard choices > 0 else { return false }
        let choice = Int.random(in: 0..<choices, using: &random)
        if choice < ready.count {
            pool.catching { ready[choice].runNext() }
        } else if isPoolReady, choice == ready.count {
            let place = Int.random(in: 0..<pool.count, using: &random)
            pool.catching { pool.runNext(at: place) }
        } else {
            let place = Int.random(in: 0..<steps.count, using: &random)
            pool.catching { steps.runNext(at: place) }
        }
        return true
    }

    /// Lets a test do something itself that wakes tasks, as one more thing that happens.
    public func perform(_ body: () -> Void) {
        pool.catching(body)
    }

    /// Runs until nothing is left but timers that are not due.
    public func run(_ place: Place = .everywhere) {
        while step(place) {}
    }

    /// Moves time on, stopping wherever a timer is due to run all that comes of it.
    public func run(forMs durationMs: Int64) {
        let endMs = clock.nowMs + durationMs
        run()
        while let dueMs = loops.compactMap(\.nextDueMs).min(), dueMs <= endMs {
            clock.advance(byMs: max(0, dueMs - clock.nowMs))
            run()
        }
        clock.advance(byMs: endMs - clock.nowMs)
    }
}
