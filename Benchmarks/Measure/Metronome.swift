import Foundation
import Synchronization
import Transport

/// Wakes an event loop at the points of a grid in time, more finely than the loop's own timers,
/// which count milliseconds.
///
/// A thread of its own, which ends by itself once the metronome is released.
public final class Metronome: Sendable {
    private let grid: Grid

    /// Shared with the thread, so that it can outlive the metronome by one sleep.
    private final class Grid: Sendable {
        /// Nil: the thread is to end.
        let times: Mutex<Times?>

        init(_ times: Times) {
            self.times = Mutex(times)
        }
    }

    private struct Times {
        var nextUs: Int64
        var intervalUs: Int64

        /// The next point after `nowUs`; those that were slept through are left out.
        mutating func advance(beyondUs nowUs: Int64) -> Int64 {
            if nextUs <= nowUs {
                nextUs += ((nowUs - nextUs) / intervalUs + 1) * intervalUs
            }
            return nextUs
        }
    }

    /// Begins at once.
    public init(waking loop: EventLoop, everyUs intervalUs: Int64) {
        let grid = Grid(Times(nextUs: MonotonicClock.nowUs(), intervalUs: intervalUs))
        self.grid = grid
        Thread.detachNewThread {
            while let nextUs = Self.nextUs(of: grid) {
                MonotonicClock.sleep(untilUs: nextUs)
                loop.post {}
            }
        }
    }

    deinit {
        grid.times.withLock { $0 = nil }
    }

    /// Moves to another grid, after the sleep that is under way.
    public func retime(fromUs startUs: Int64, everyUs intervalUs: Int64) {
        grid.times.withLock { $0 = Times(nextUs: startUs, intervalUs: intervalUs) }
    }

    private static func nextUs(of grid: Grid) -> Int64? {
        grid.times.withLock { $0?.advance(beyondUs: MonotonicClock.nowUs()) }
    }
}
