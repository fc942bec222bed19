import Engine
import Synchronization
import Transport

/// What an event loop does for everything that runs on it.
enum LoopSuite {
    static let benchmarks: [Benchmark] = [
        Benchmark("loop.post.own") { name, meter in
            try await Stage.with(Stage.Setting(memberCount: 0), RoutingBroker()) { stage in
                let loop = stage.reactor.eventLoop
                let arrivals = Arrivals()
                return await stage.measure(name, meter) { _, count in
                    for _ in 0..<count {
                        loop.post { arrivals.add() }
                        loop.drain()
                    }
                    return arrivals.count
                }
            }
        },
        // There and back; the thread of this loop counts its own allocations only.
        Benchmark("loop.post.other-and-back") { name, meter in
            let home = try EventLoop()
            let away = try EventLoop()
            let threads = [
                try LoopThread(running: home, name: "home"),
                try LoopThread(running: away, name: "away"),
            ]
            defer {
                home.close()
                away.close()
                for thread in threads { thread.join() }
            }
            return await measureHop(name, meter, from: home, to: away)
        },
        Benchmark("timer.schedule-and-fire.1000-pending") {
            var timers = Timers()
            for dueMs in 0..<1_000 { timers.insert(dueMs: Int64(1_000_000 + dueMs)) {} }
            var fired = 0
            return { count in
                for dueMs in 0..<count {
                    timers.insert(dueMs: Int64(dueMs)) {}
                    if timers.popDue(nowMs: Int64(dueMs)) != nil { fired &+= 1 }
                }
                return fired
            }
        },
    ]

    private static func measureHop(
        _ name: String, _ meter: Meter, from home: EventLoop, to away: EventLoop
    ) async -> Measurement {
        let arrivals = Arrivals()
        return await withCheckedContinuation { continuation in
            home.post {
                var ready: [Readiness] = []
                let measurement = meter.measure(name, on: .wall) { count in
                    for _ in 0..<count {
                        let expected = arrivals.count + 1
                        away.post { home.post { arrivals.add() } }
                        while arrivals.count < expected { home.turn(into: &ready) }
                    }
                    return arrivals.count
                }
                continuation.resume(returning: measurement)
            }
        }
    }

    private final class Arrivals: Sendable {
        private let total = Atomic(0)

        var count: Int { total.load(ordering: .relaxed) }

        func add() {
            total.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
