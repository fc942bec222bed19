import Simulation
import Testing

/// What the simulation promises of itself. `simulate` runs it over many seeds.
struct SimulationTests {
    @Test(arguments: CoreKind.allCases)
    func `the same seed gives the same run`(core: CoreKind) {
        let first = Simulation(seed: 4, core: core).run()
        let second = Simulation(seed: 4, core: core).run()
        #expect(first.hash == second.hash)
        #expect(first.stepCount == second.stepCount)
        #expect(first.hash != Simulation(seed: 5, core: core).run().hash)
    }

    @Test func `every guarantee holds under a few seeds, and every fault comes`() {
        var counts = FaultCounts()
        for core in CoreKind.allCases {
            for seed in 0..<24 as Range<UInt64> {
                let outcome = Simulation(seed: seed, core: core).run()
                let command = "simulate --seed \(seed) --core \(core.rawValue) --trace"
                #expect(outcome.wrongs == [], Comment(rawValue: command))
                counts.add(outcome.counts)
            }
        }
        #expect(counts.all.filter { $0.count == 0 }.map(\.kind) == [])
    }
}
