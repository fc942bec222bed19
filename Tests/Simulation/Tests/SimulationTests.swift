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
}
