import Testing

@testable import Measure

struct ProcessUsageTests {
    @Test func `reads CPU time behind any name`() {
        let stat = "42 (a) b (c) S 1 2 3 0 -1 4194560 10 11 12 13 250 50 7 8 20 0 5 0 99 1 2"
        #expect(ProcessUsage.cpuTicks(stat: stat) == 300)
        #expect(ProcessUsage.cpuTicks(stat: "42 no name") == nil)
        #expect(ProcessUsage.cpuTicks(stat: "42 (short) S 1") == nil)
    }

    @Test func `reads resident memory`() {
        #expect(
            ProcessUsage.residentKiB(status: "Name:\tx\nVmHWM:\t 99 kB\nVmRSS:\t  1234 kB\n")
                == 1_234)
        #expect(ProcessUsage.residentKiB(status: "Name:\tkthread\n") == nil)
    }

    @Test func `a process has memory, and none that is not there`() {
        #expect(ProcessUsage.own.residentBytes > 0)
        #expect(ProcessUsage(of: .max) == nil)
    }
}
