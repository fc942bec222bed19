import Engine
import TestSupport

/// One run of a cluster under one seed, from the first connection to the last goodbye.
public struct Simulation {
    public struct Outcome: Sendable {
        public let seed: UInt64
        public let core: CoreKind
        /// What broke; empty where everything held.
        public let wrongs: [String]
        /// The same for the same seed, in every process.
        public let hash: UInt64
        public let counts: FaultCounts
        /// Things that clients did of their own accord.
        public let actionCount: Int
        /// Things that happened in all.
        public let stepCount: Int
    }

    public let seed: UInt64
    public let core: CoreKind
    public let mutant: Mutant?

    public init(seed: UInt64, core: CoreKind = .hub, mutant: Mutant? = nil) {
        self.seed = seed
        self.core = core
        self.mutant = mutant
    }

    /// Runs all of it on the caller's thread. `print` is given each line of the trace.
    public func run(printing print: ((String) -> Void)? = nil) -> Outcome {
        let world = World(
            seed: seed, core: core, mutant: mutant, trace: Trace(printing: print))
        return world.timeline.govern { world.run(seed: seed, core: core) }
    }
}

extension World {
    /// Storm, calm, verdict, departure.
    fileprivate func run(seed: UInt64, core kind: CoreKind) -> Simulation.Outcome {
        start()
        rage()
        timeline.run(forMs: weather.chaosMs)
        heal()
        timeline.run(forMs: 3_000)
        for client in clients { client.rest() }
        timeline.run(forMs: Self.healingMs)
        sayLastWords()
        judge.present = { [unowned self] in present(in: $0) }
        for client in clients { client.judgeRest() }
        judge.judgeLogs()
        depart()
        judgeEmptiness()
        tearDown()
        trace.add(.end, 0, UInt64(timeline.stepCount)) { "end" }
        return Simulation.Outcome(
            seed: seed, core: kind, wrongs: judge.wrongs, hash: trace.hash,
            counts: counts.counts, actionCount: actionCount, stepCount: timeline.stepCount)
    }

    /// Somebody says something in every room: it must arrive before rooms compare their tops, since
    /// nothing is lost any more.
    private func sayLastWords() {
        for room in RoomSpec.talked {
            let speakers = clients.filter { $0.line != nil }
            guard !speakers.isEmpty else { continue }
            let speaker = dice.pick(speakers)
            speaker.publish(in: room)
            speaker.sendOutgoing()
        }
        timeline.run(forMs: Self.arrivingMs)
    }

    /// Less than what rooms let pass between two comparisons.
    private static let arrivingMs: Int64 = 800

    /// Longer than the longest fault, and every patience.
    private static let healingMs: Int64 = 32_000

    /// Who is in the room whose events these are, by what the clients themselves know.
    private func present(in events: RoomSpec) -> [UserID] {
        let numbers = clients.filter { client in
            client.views.contains { view in
                view.room.policy.presence == events.stream && view.state == .live
            }
        }.map(\.identity.user.rawValue)
        return Array(Set(numbers)).sorted().map { UserID($0) }
    }

    /// Everybody leaves; rooms close.
    private func depart() {
        for client in clients { client.depart() }
        timeline.run(forMs: 75_000)
    }

    private func judgeEmptiness() {
        for node in nodes {
            let number = node.number
            for (outlet, loop) in zip(node.outlets, node.loops) {
                let left = loop.perform { outlet.assumeIsolated { $0.leftovers } }
                if left != (0, 0) { judge.accuse("node \(number) keeps \(left)") }
            }
            for left in node.bridge.leftovers {
                judge.accuse("the broker of node \(number) keeps \(left)")
            }
            let count = node.community.rooms.count
            if count != 0 { judge.accuse("node \(number) keeps \(count) rooms") }
        }
        for left in core.leftovers { judge.accuse("the core keeps \(left)") }
    }
}
