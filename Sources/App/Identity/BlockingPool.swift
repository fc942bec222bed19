import Dispatch
import Foundation
import Synchronization

/// Why a pool did not take work on.
enum BlockingPoolError: Error, Hashable, Sendable {
    /// The queue is at its bound; trying again later makes sense.
    case overloaded
    case closed
}

/// A few threads of their own for work that takes milliseconds of a core, so that it never runs on
/// an event loop or on the cooperative pool.
///
/// The queue is bounded and first come, first served; what does not fit is refused at once.
package final class BlockingPool: Sendable {
    private struct State {
        var queue: [@Sendable () -> Void] = []
        var isClosed = false
    }

    /// What the threads share. They hold no reference to the pool itself.
    private final class Shared: Sendable {
        let state = Mutex(State())
        /// Counts the queued work, plus one for each thread once the pool is closed.
        let wakeups = DispatchSemaphore(value: 0)
        let ended = DispatchGroup()

        func serve() {
            while true {
                wakeups.wait()
                let work = state.withLock { state in
                    state.queue.isEmpty ? nil : state.queue.removeFirst()
                }
                guard let work else { break }
                work()
            }
            ended.leave()
        }
    }

    private let shared = Shared()
    private let threadCount: Int
    private let queueDepthMax: Int

    package init(threads threadCount: Int, queueDepthMax: Int) {
        precondition(threadCount > 0 && queueDepthMax > 0, "a pool needs threads and room to wait")
        self.threadCount = threadCount
        self.queueDepthMax = queueDepthMax
        for _ in 0..<threadCount {
            shared.ended.enter()
            Thread { [shared] in shared.serve() }.start()
        }
    }

    /// Runs `work` on one of the threads and returns what it returns. The caller's cancellation
    /// does not stop work that is queued.
    func run<Result: Sendable>(
        _ work: @escaping @Sendable () -> Result
    ) async throws(BlockingPoolError) -> Result {
        let outcome: Swift.Result<Result, BlockingPoolError> =
            await withCheckedContinuation { continuation in
                do throws(BlockingPoolError) {
                    try enqueue { continuation.resume(returning: .success(work())) }
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        return try outcome.get()
    }

    /// Takes no more work, lets the threads finish what is queued, and waits for their end. Blocks
    /// the calling thread.
    package func close() {
        let isFirst = shared.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst {
            for _ in 0..<threadCount { shared.wakeups.signal() }
        }
        shared.ended.wait()
    }

    private func enqueue(_ work: @escaping @Sendable () -> Void) throws(BlockingPoolError) {
        try shared.state.withLock { state throws(BlockingPoolError) in
            guard !state.isClosed else { throw .closed }
            guard state.queue.count < queueDepthMax else { throw .overloaded }
            state.queue.append(work)
        }
        shared.wakeups.signal()
    }
}
