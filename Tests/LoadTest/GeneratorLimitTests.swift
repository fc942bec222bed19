import Testing

@testable import LoadTest

struct GeneratorLimitTests {
    @Test func `an idle, punctual generator is no limit`() {
        #expect(GeneratorLimit.warnings(busyShare: 0.89, latenessP99Ms: 10).isEmpty)
    }

    @Test func `a busy thread was the limit`() {
        let warnings = GeneratorLimit.warnings(busyShare: 0.9, latenessP99Ms: 0)
        #expect(warnings == ["the generator was the limit: its thread was busy 90 % of the time"])
    }

    @Test func `a late one makes the latencies its own`() {
        #expect(GeneratorLimit.warnings(busyShare: 0, latenessP99Ms: 10.1).count == 1)
        #expect(GeneratorLimit.warnings(busyShare: 1, latenessP99Ms: 99).count == 2)
    }
}
