import Engine
import Synchronization

/// A loop without a thread: actors' jobs, posted work and timers run when a simulation says so, on
/// its thread.
public final class ManualLoop: SerialExecutor, Loop {
    private enum Item {
        case job(UnownedJob)
        case work(@Sendable () -> Void)
    }

    private struct Timer {
        let dueMs: Int64
        let work: @Sendable () -> Void
    }

    private struct State {
        var items: [Item] = []
        /// By the time they are due; those of one time in the order they came.
        var timers: [Timer] = []
        var isRunning = false

        mutating func takeDueTimer(nowMs: Int64) -> Item? {
            guard let first = timers.first, first.dueMs <= nowMs else { return nil }
            return .work(timers.removeFirst().work)
        }
    }

    private let clock: ManualClock
    private let state = Mutex(State())

    public init(clock: ManualClock) {
        self.clock = clock
    }

    // MARK: What the engine asks

    /// True while one of the loop's items runs.
    public var isCurrent: Bool { state.withLock { $0.isRunning } }

    public var nowMs: Int64 { clock.nowMs }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.items.append(.job(job)) }
    }

    public func post(_ work: @escaping @Sendable () -> Void) {
        state.withLock { $0.items.append(.work(work)) }
    }

    public func schedule(afterMs delayMs: Int64, _ work: @escaping @Sendable () -> Void) {
        let dueMs = clock.nowMs + max(0, delayMs)
        state.withLock { state in
            let place = state.timers.firstIndex { $0.dueMs > dueMs } ?? state.timers.endIndex
            state.timers.insert(Timer(dueMs: dueMs, work: work), at: place)
        }
    }

    public func checkIsolated() {
        precondition(isCurrent, "this code belongs to another loop")
    }

    // MARK: What the simulation asks

    /// Whether an item waits or a timer is due.
    package var canRun: Bool {
        let nowMs = clock.nowMs
        return state.withLock {
            !$0.items.isEmpty || $0.timers.first.map { $0.dueMs <= nowMs } ?? false
        }
    }

    /// Whether an item waits; timers are none.
    package var hasItems: Bool { state.withLock { !$0.items.isEmpty } }

    /// When the first timer is due; nil: there is none.
    package var nextDueMs: Int64? { state.withLock { $0.timers.first?.dueMs } }

    /// Runs one thing: a timer that is due, or else the oldest item. Nothing where neither is there,
    /// and then it returns false.
    @discardableResult
    package func runNext() -> Bool {
        let nowMs = clock.nowMs
        let item = state.withLock { state -> Item? in
            precondition(!state.isRunning, "a loop runs one thing at a time")
            guard
                let item = state.takeDueTimer(nowMs: nowMs)
                    ?? (state.items.isEmpty ? nil : state.items.removeFirst())
            else { return nil }
            state.isRunning = true
            return item
        }
        guard let item else { return false }
        switch item {
        case .job(let job): unsafe job.runSynchronously(on: asUnownedSerialExecutor())
        case .work(let work): work()
        }
        state.withLock { $0.isRunning = false }
        return true
    }

    /// Runs `body` as the loop would, between two of its items.
    package func perform<Value>(_ body: () -> Value) -> Value {
        state.withLock { state in
            precondition(!state.isRunning, "a loop runs one thing at a time")
            state.isRunning = true
        }
        defer { state.withLock { $0.isRunning = false } }
        return body()
    }
}
