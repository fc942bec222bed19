import Simulation
import Testing

/// Shows that the verdict finds bugs: each is put into the world around the engine, and must not get
/// past the seeds that are known to find it. `Tests/Simulation/mutants` does so for bugs in the engine.
struct MutantTests {
    /// Where each is found first, as of when this was written.
    private static let firstSeeds: [(Mutant, UInt64)] = [
        (.announcesBeforeCommit, 0),
        (.answersBeforeCommit, 0),
        (.readsPositionLate, 2),
        (.keepsEpochOfLostData, 0),
        (.forgetsKeysAtRestart, 0),
        (.reusesOffsetsAfterFailover, 0),
        (.fansOutByMember, 16),
        (.hasNoOutboxBound, 5),
        (.staysDeafAfterReconnect, 5),
        (.takesSilenceForSuccess, 0),
        (.leavesTwice, 0),
        (.keepsDeadMembers, 24),
    ]

    /// A change of the engine shifts what a seed does: then one of the next ones finds it.
    private static let seedCount: UInt64 = 24

    @Test(arguments: firstSeeds)
    func `a known bug is found, and is what was found`(mutant: Mutant, first: UInt64) throws {
        let seeds = first..<(first + Self.seedCount)
        let found = seeds.first { !Simulation(seed: $0, mutant: mutant).run().wrongs.isEmpty }
        let seed = try #require(found, "none of the seeds \(seeds) finds it")
        #expect(Simulation(seed: seed).run().wrongs == [])
    }

    @Test func `every mutant has a seed`() {
        #expect(Set(Self.firstSeeds.map(\.0)) == Set(Mutant.allCases))
    }
}
