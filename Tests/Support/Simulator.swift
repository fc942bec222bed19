/// Several loops and what happens outside of them, run on the caller's thread in an order that a
/// seed decides: the same seed gives the same run, in every process.
///
/// Each loop runs its own items in order; between loops, and between the steps outside, any order
/// may come. Time stands still unless the simulation is told to move it.
public final class Simulator {
    public let clock: ManualClock
    public let loops: [ManualLoop]
    /// Give its `schedule` to in-memory adapters.
    public let steps = ManualSteps()
    /// The source of every choice; a test draws its own from here too.
    public var random: SeededRandom

    public init(seed: UInt64 = 0, loopCount: Int) {
        let clock = ManualClock()
        self.clock = clock
        loops = (0..<loopCount).map { _ in ManualLoop(clock: clock) }
        random = SeededRandom(seed: seed)
    }

    /// Runs one thing somewhere; false where there is nothing to run but timers that are not due.
    @discardableResult
    public func step() -> Bool {
        let ready = loops.filter(\.canRun)
        let isOutside = steps.count > 0
        let choices = ready.count + (isOutside ? 1 : 0)
        guard choices > 0 else { return false }
        let choice = Int.random(in: 0..<choices, using: &random)
        if choice < ready.count { return ready[choice].runNext() }
        return steps.runNext(at: Int.random(in: 0..<steps.count, using: &random))
    }

    /// Runs until nothing is left but timers that are not due.
    public func run() {
        while step() {}
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
