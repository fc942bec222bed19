import Dispatch
import Testing

@testable import App

struct BlockingPoolTests {
    @Test func `refuses what does not fit and serves what does`() async throws {
        let pool = BlockingPool(threads: 1, queueDepthMax: 2)
        let gate = DispatchSemaphore(value: 0)
        let (started, hasStarted) = AsyncStream<Void>.makeStream()
        let served = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try await pool.run {
                    hasStarted.finish()
                    gate.wait()
                    return 0
                }
            }
            for await _ in started {}
            // The thread is busy and the queue empty now; two of three fit.
            for _ in 0..<3 {
                group.addTask {
                    do {
                        return try await pool.run { 1 }
                    } catch {
                        #expect(error as? BlockingPoolError == .overloaded)
                        gate.signal()
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(served == 2)
        pool.close()
    }

    @Test func `takes nothing more once it is closed`() async throws {
        let pool = BlockingPool(threads: 2, queueDepthMax: 1)
        #expect(try await pool.run { 1 } == 1)
        pool.close()
        await #expect(throws: BlockingPoolError.closed) { try await pool.run {} }
        pool.close()
    }
}
