import Testing

@testable import Measure

struct ScheduleTests {
    @Test func `messages are due at fixed times that add up no error`() {
        let schedule = Schedule(startUs: 1_000, ratePerSecond: 3)
        #expect(
            [0, 1, 2, 3].map { schedule.dueUs($0) } == [1_000, 334_333, 667_666, 1_001_000])
        #expect(schedule.dueUs(3 * 86_400) == 1_000 + 86_400_000_000)
    }

    @Test(arguments: [1, 3, 7, 20, 999, 2_000, 1_000_000])
    func `a message counts as due from its time on, and not before`(rate: Int) {
        let schedule = Schedule(startUs: 12_345, ratePerSecond: rate)
        for number in [0, 1, 2, 10, 999, 123_456] as [Int64] {
            let dueUs = schedule.dueUs(number)
            #expect(schedule.dueCount(atUs: dueUs) == number + 1)
            #expect(schedule.dueCount(atUs: dueUs - 1) == number)
        }
    }

    @Test func `nothing is due before the start`() {
        let schedule = Schedule(startUs: 500, ratePerSecond: 1_000)
        #expect(schedule.dueCount(atUs: 499) == 0)
        #expect(schedule.dueCount(atUs: -1) == 0)
        #expect(schedule.dueCount(atUs: 500) == 1)
    }

    @Test(arguments: [
        (rate: 2_000, intervalUs: 500), (rate: 20, intervalUs: 50_000),
        (rate: 15, intervalUs: 33_333), (rate: 1, intervalUs: 50_000),
        (rate: 1_000_000, intervalUs: 250),
    ])
    func `the grid of wake-ups meets each message`(rate: Int, intervalUs: Int64) {
        #expect(Schedule(startUs: 0, ratePerSecond: rate).wakeIntervalUs == intervalUs)
    }
}
