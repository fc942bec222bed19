import TestSupport

/// Virtual time, and everything that happens in it: the loops of all nodes, the jobs that come back
/// from a wait, and the events of the world outside. The dice decide what of the things that could
/// happen now happens next.
///
/// Each loop runs its own items in order. Now and then a job takes time, or else nothing that is on
/// its way could overtake what waits in a loop.
final class Timeline {
    /// A loop, and until when it is busy with something else.
    fileprivate struct Runner {
        let loop: ManualLoop
        var restsUntilMs: Int64 = .min
    }

    let clock = ManualClock()
    let dice: Dice
    /// Called after everything that happens.
    var afterStep: () -> Void = {}
    private(set) var stepCount = 0
    /// All that there are; what is on its way in them may lead back to them.
    var links: [Link] = []
    private let startMs: Int64
    private var agenda = Agenda()
    private var runners: [Runner] = []
    private let pool = ManualPool()

    init(dice: Dice) {
        self.dice = dice
        startMs = clock.nowMs
    }

    var nowMs: Int64 { clock.nowMs }

    /// Since the beginning.
    var elapsedMs: Int64 { clock.nowMs - startMs }

    /// Lets an event happen once so many milliseconds have passed.
    func after(_ delayMs: Int64, _ event: @escaping () -> Void) {
        agenda.add(atMs: nowMs + delayMs, tie: dice.next(), event)
    }

    // MARK: Loops

    /// A loop that runs from now on.
    func addLoop() -> ManualLoop {
        let loop = ManualLoop(clock: clock)
        runners.append(Runner(loop: loop))
        return loop
    }

    /// Lets a loop run nothing for a while.
    func rest(_ loop: ManualLoop, forMs durationMs: Int64) {
        for index in runners.indices where runners[index].loop === loop {
            runners[index].restsUntilMs = nowMs + durationMs
        }
    }

    /// Runs what waits in some loops, and in the pool, at once.
    func exhaust(_ loops: [ManualLoop]) {
        while true {
            if pool.count > 0 {
                pool.runNext(at: 0)
            } else if let loop = loops.first(where: \.hasItems) {
                loop.runNext()
            } else {
                return
            }
        }
    }

    /// Whether anything waits in some loops or in the pool.
    func hasItems(_ loops: [ManualLoop]) -> Bool {
        pool.count > 0 || loops.contains(where: \.hasItems)
    }

    /// Forgets loops and their timers.
    func remove(_ loops: [ManualLoop]) {
        runners.removeAll { runner in loops.contains { $0 === runner.loop } }
    }

    /// Forgets everything that was to happen.
    func clear() {
        agenda = Agenda()
        for link in exchange(&links, with: []) { link.cut() }
        afterStep = {}
        runners = []
    }

    // MARK: Running

    /// Runs `body` with all that it brings about kept to this timeline.
    func govern<Outcome>(_ body: () -> Outcome) -> Outcome { pool.catching(body) }

    /// Lets so much time pass.
    func run(forMs durationMs: Int64) {
        let endMs = nowMs + durationMs
        while nowMs < endMs {
            if !step() { passTime(upToMs: endMs) }
        }
    }

    /// Lets one thing happen of all that could now; false where there is nothing.
    private func step() -> Bool {
        let nowMs = nowMs
        let readyCount = runners.reduce(0) { $0 + ($1.isReady(atMs: nowMs) ? 1 : 0) }
        let poolCount = pool.count
        let isEventDue = agenda.nextDueMs.map { $0 <= nowMs } ?? false
        let count = readyCount + (poolCount > 0 ? 1 : 0) + (isEventDue ? 1 : 0)
        guard count > 0 else { return false }
        stepCount += 1
        var choice = count == 1 ? 0 : dice.below(count)
        if choice >= readyCount, poolCount > 0, choice == readyCount {
            pool.runNext(at: dice.below(poolCount))
        } else if choice >= readyCount {
            agenda.take()()
        } else {
            for runner in runners where runner.isReady(atMs: nowMs) {
                if choice == 0 {
                    runner.loop.runNext()
                    break
                }
                choice -= 1
            }
        }
        afterStep()
        if dice.oneIn(16) { clock.advance(byMs: 1) }
        return true
    }

    /// Moves time on to the next thing that is due.
    private func passTime(upToMs endMs: Int64) {
        var nextMs = min(endMs, agenda.nextDueMs ?? endMs)
        for runner in runners {
            if runner.loop.hasItems {
                nextMs = min(nextMs, runner.restsUntilMs)
            } else if let dueMs = runner.loop.nextDueMs {
                nextMs = min(nextMs, max(dueMs, runner.restsUntilMs))
            }
        }
        clock.advance(byMs: max(1, nextMs - nowMs))
    }
}

extension Timeline.Runner {
    fileprivate func isReady(atMs nowMs: Int64) -> Bool {
        restsUntilMs <= nowMs && loop.canRun
    }
}
