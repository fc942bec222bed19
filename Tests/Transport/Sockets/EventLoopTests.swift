import Dispatch
import Engine
import Synchronization
import Testing

@testable import Transport

struct EventLoopTests {
    /// Runs a loop on a thread of its own while `body` runs, and ends it.
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop()
        let thread = try LoopThread(running: loop, name: "tested")
        try await body(loop)
        loop.close()
        thread.join()
    }

    @Test func `what one thread posts runs in its order`() async throws {
        try await withLoop { loop in
            let order = Mutex<[Int]>([])
            await withCheckedContinuation { continuation in
                for number in 0..<1_000 { loop.post { order.withLock { $0.append(number) } } }
                loop.post { continuation.resume() }
            }
            #expect(order.withLock { $0 } == Array(0..<1_000))
        }
    }

    @Test func `what several threads post all runs, on the loop alone`() async throws {
        try await withLoop { loop in
            let counts = Mutex<[Int: Int]>([:])
            let group = DispatchGroup()
            for poster in 0..<4 {
                DispatchQueue(label: "poster \(poster)").async(group: group) {
                    for _ in 0..<2_000 {
                        loop.post {
                            #expect(loop.isCurrent)
                            counts.withLock { $0[poster, default: 0] += 1 }
                        }
                    }
                }
            }
            await withCheckedContinuation { continuation in
                group.notify(queue: DispatchQueue(label: "after")) {
                    loop.post { continuation.resume() }
                }
            }
            #expect(counts.withLock { $0 } == [0: 2_000, 1: 2_000, 2: 2_000, 3: 2_000])
        }
    }

    @Test func `posting to the loop from itself does not run at once`() async throws {
        try await withLoop { loop in
            let order = Mutex<[String]>([])
            await withCheckedContinuation { continuation in
                loop.post {
                    loop.post {
                        order.withLock { $0.append("inner") }
                        continuation.resume()
                    }
                    order.withLock { $0.append("outer") }
                }
            }
            #expect(order.withLock { $0 } == ["outer", "inner"])
        }
    }

    @Test func `timers come in the order of their times, and not early`() async throws {
        try await withLoop { loop in
            let order = Mutex<[Int64]>([])
            let beganMs = EventLoop.nowMs()
            await withCheckedContinuation { continuation in
                for delayMs in [30, 10, 20, 0] as [Int64] {
                    loop.schedule(afterMs: delayMs) {
                        #expect(EventLoop.nowMs() >= beganMs + delayMs)
                        order.withLock { $0.append(delayMs) }
                        if delayMs == 30 { continuation.resume() }
                    }
                }
            }
            #expect(order.withLock { $0 } == [0, 10, 20, 30])
        }
    }

    @Test func `a nearer timer wakes a loop that waits for a later one`() async throws {
        try await withLoop { loop in
            loop.schedule(afterMs: 3_600_000) {}
            await withCheckedContinuation { continuation in
                // From the loop, once it has come to rest; and from another thread.
                loop.schedule(afterMs: 5) {
                    loop.schedule(afterMs: 5) { continuation.resume() }
                }
            }
        }
    }

    @Test func `an actor pinned to the loop runs there, whoever calls`() async throws {
        try await withLoop { loop in
            let pinned = Pinned(loop)
            for _ in 0..<100 { #expect(await pinned.isOnItsLoop()) }
            #expect(await pinned.calls == 100)
        }
    }

    @Test func `what was posted before the loop began is not lost`() async throws {
        let loop = try EventLoop()
        let count = Counter()
        for _ in 0..<100 { loop.post { count.add() } }
        let thread = try LoopThread(running: loop, name: "late")
        loop.close()
        thread.join()
        #expect(count.count == 100)
    }

    /// The owner's job may reach a loop that is waiting already, together with others.
    @Test func `a job that runs the loop's turns finds what came together with it`() async throws {
        try await withLoop { loop in
            let isFound = Mutex(false)
            await withCheckedContinuation { continuation in
                loop.schedule(afterMs: 0) {
                    loop.post {
                        var ready: [Readiness] = []
                        // Bounded, so that a loop that loses work fails and does not hang.
                        for _ in 0..<50 where !isFound.withLock({ $0 }) {
                            loop.schedule(afterMs: 1) {}
                            loop.turn(into: &ready)
                        }
                        continuation.resume()
                    }
                    loop.post { isFound.withLock { $0 = true } }
                }
            }
            #expect(isFound.withLock { $0 })
        }
    }

    private actor Pinned {
        nonisolated let loop: EventLoop
        nonisolated var unownedExecutor: UnownedSerialExecutor {
            unsafe loop.asUnownedSerialExecutor()
        }
        private(set) var calls = 0

        init(_ loop: EventLoop) {
            self.loop = loop
        }

        func isOnItsLoop() -> Bool {
            calls += 1
            return loop.isCurrent
        }
    }
}
