import Synchronization
import Testing

@testable import Transport

struct TimersTests {
    @Test func `work comes in the order of its times, and of its coming where those are equal`() {
        var timers = Timers()
        let order = Mutex<[Int]>([])
        let times: [Int64] = [50, 10, 30, 10, 50, 20, 10, 40, 30, 0]
        for (number, dueMs) in times.enumerated() {
            timers.insert(dueMs: dueMs) { order.withLock { $0.append(number) } }
        }
        while let work = timers.popDue(nowMs: 100) { work() }
        let expected = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        #expect(order.withLock { $0 } == expected)
        #expect(timers.nextDueMs == nil)
    }

    @Test func `nothing comes before its time`() {
        var timers = Timers()
        timers.insert(dueMs: 10) {}
        timers.insert(dueMs: 5) {}
        #expect(timers.nextDueMs == 5)
        #expect(timers.popDue(nowMs: 4) == nil)
        #expect(timers.popDue(nowMs: 5) != nil)
        #expect(timers.nextDueMs == 10)
        #expect(timers.popDue(nowMs: 9) == nil)
        #expect(timers.popDue(nowMs: 10) != nil)
        #expect(timers.nextDueMs == nil)
    }
}
