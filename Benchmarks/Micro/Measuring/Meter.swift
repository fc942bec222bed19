import Measure
import Synchronization

/// Measures one operation on the calling thread: first what it allocates, then the time it takes.
///
/// Everything is run once before, with as many operations as are counted, so that what only grows at
/// first has grown. Nothing is taken off: what `body` allocates once for all its operations is
/// shared among them.
struct Meter: Sendable {
    enum Purpose: Sendable {
        case allocationsAndTime
        case allocations
        /// Keeps the backtrace of each counted allocation.
        case trace
    }

    /// What time passes for an operation.
    enum Clock: Sendable {
        /// The thread's CPU time, which other programs on the machine disturb least.
        case cpu
        /// Time as everybody's: for what waits for another thread.
        case wall
    }

    let purpose: Purpose

    private static let batchCount = 11
    private static let batchUs: Int64 = 10_000

    /// Measures `body`, which does as many operations as it is told, and returns a number that
    /// depends on what came out, so that nothing of it can be left out by the compiler. The number
    /// told is `count` or `count` doubled some times.
    func measure(
        _ name: String, counting count: Int = 1_024, on clock: Clock = .cpu,
        _ body: (Int) -> Int
    ) -> Measurement {
        Self.keep(body(count))
        if purpose == .trace { Trace.begin() }
        let before = Work.soFar
        let outcome = Self.counted(body, count)
        let work = Work.soFar - before
        if purpose == .trace { Trace.end() }
        Self.keep(outcome)
        let operations = Double(count)
        return Measurement(
            name: name, operationCount: count,
            allocations: Double(work.allocations) / operations,
            bytes: Double(work.bytes) / operations, sends: Double(work.sends) / operations,
            nanoseconds: purpose == .allocationsAndTime ? time(count, clock, body) : nil)
    }

    /// What is counted, as a function that a profiler can be told to look at alone.
    @inline(never)
    private static func counted(_ body: (Int) -> Int, _ count: Int) -> Int {
        body(count)
    }

    /// The median of the batches' nanoseconds for an operation.
    private func time(_ countedOperations: Int, _ clock: Clock, _ body: (Int) -> Int) -> Double {
        var operations = countedOperations
        while Self.durationUs(of: operations, clock, body) < Self.batchUs / 4 { operations *= 2 }
        let batches = (0..<Self.batchCount).map { _ in
            Double(Self.durationUs(of: operations, clock, body)) * 1_000 / Double(operations)
        }
        return batches.sorted()[Self.batchCount / 2]
    }

    private static func durationUs(
        of operations: Int, _ clock: Clock, _ body: (Int) -> Int
    ) -> Int64 {
        let startUs = clock.nowUs
        keep(body(operations))
        return clock.nowUs - startUs
    }

    /// What all operations came to; nobody reads it.
    private static let kept = Atomic(0)

    private static func keep(_ outcome: Int) {
        kept.wrappingAdd(outcome, ordering: .relaxed)
    }
}

extension Meter.Clock {
    fileprivate var nowUs: Int64 {
        switch self {
        case .cpu: MonotonicClock.threadCPUUs()
        case .wall: MonotonicClock.nowUs()
        }
    }
}
