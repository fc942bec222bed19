import Testing

@testable import Measure

struct ProcessUsageTests {
    @Test func `reads resident memory`() {
        #expect(
            ProcessUsage.residentKiB(status: "Name:\tx\nVmHWM:\t 99 kB\nVmRSS:\t  1234 kB\n")
                == 1_234)
        #expect(ProcessUsage.residentKiB(status: "Name:\tkthread\n") == nil)
    }

    @Test func `a process has used time and memory, and none that is not there`() {
        #expect(ProcessUsage.own.cpuUs > 0)
        #expect(ProcessUsage.own.residentBytes > 0)
        #expect(ProcessUsage(of: .max) == nil)
    }
}
