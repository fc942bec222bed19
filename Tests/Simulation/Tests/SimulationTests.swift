import Simulation
import Testing

/// What the simulation promises of itself. `simulate` runs it over many seeds.
struct SimulationTests {
    @Test func `the same seed gives the same run`() {
        let first = Simulation(seed: 4).run()
        let second = Simulation(seed: 4).run()
        #expect(first.hash == second.hash)
        #expect(first.stepCount == second.stepCount)
        #expect(first.hash != Simulation(seed: 5).run().hash)
    }

    @Test func `every guarantee holds under a few seeds, and every fault comes`() {
        var counts = FaultCounts()
        for seed in 0..<24 as Range<UInt64> {
            let outcome = Simulation(seed: seed).run()
            #expect(outcome.wrongs == [], "simulate --seed \(seed) --trace")
            counts.add(outcome.counts)
        }
        #expect(counts.all.filter { $0.count == 0 }.map(\.kind) == [])
    }
}
