import Engine
import TestSupport
import Testing

/// A gap that can't be read back for a while, since the log is away.
struct RepairOutageTests {
    private let world: EngineWorld
    private let member: EngineClient

    /// A member that has seen offset 1 and was told of offset 4, in a room whose first read of what
    /// lies between has failed; the log is still away.
    init() {
        world = EngineWorld(loopCount: 2, losesAnnouncements: true)
        member = world.client(on: 1)
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.fill("/topic/a", ["1"])
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", ["2", "3"])
        world.broker.dropsAnnouncements = false
        world.client().publish("4", to: "/topic/a")
        while world.broker.readCount == 0 { world.simulator.step() }
        world.broker.failing = .unavailable("told to")
        world.run()
        #expect(member.transcript == ["s 1"])
    }

    /// Ends the outage, and lets the time pass that the longest pause takes.
    private func recover() {
        world.broker.failing = nil
        world.simulator.run(forMs: 1_000)
    }

    @Test(arguments: [0, 40, 2_000, 60_000])
    func `members stay through an outage, and get what they missed once it ends`(outageMs: Int64) {
        world.simulator.run(forMs: outageMs)
        recover()
        world.fill("/topic/a", ["5"])
        #expect(member.transcript == ["s 1", "s 2", "s 3", "s 4", "s 5"])
        #expect(world.broker.attachCount == 1)
    }

    @Test func `the log is asked less and less often, once a second in the end`() {
        world.simulator.run(forMs: 1_500)
        #expect(world.broker.readCount == 5)
        world.simulator.run(forMs: 10_000)
        #expect((15...17).contains(world.broker.readCount))
    }

    @Test func `what is heard of the stream ends the pause at once`() {
        world.simulator.run(forMs: 10_000)
        world.broker.failing = nil
        world.fill("/topic/a", ["5"])
        #expect(member.offsets(of: "s") == [1, 2, 3, 4, 5])
    }

    @Test func `a stream that can be heard and not read is not read for every message`() {
        let before = world.broker.readCount
        for offset in UInt64(5)..<105 {
            world.broker.announce(["heard"], from: offset, epoch: Epoch(rawValue: 7), to: 0)
            world.run()
        }
        #expect(world.broker.readCount == before + 1)
    }

    @Test func `one gap after the other is filled, each in its outage`() {
        recover()
        for round in UInt64(1)...3 {
            world.broker.dropsAnnouncements = true
            world.fill("/topic/a", ["lost", "lost"])
            world.broker.dropsAnnouncements = false
            world.broker.failing = .unavailable("told to")
            // The last one is announced while the log can't be read.
            world.broker.announce(
                ["heard"], from: 4 + 3 * round, epoch: Epoch(rawValue: 7), to: 0)
            world.simulator.run(forMs: 3_000)
            world.broker.failing = nil
            world.broker.dropsAnnouncements = true
            world.fill("/topic/a", ["heard"])
            world.broker.dropsAnnouncements = false
            world.simulator.run(forMs: 1_000)
            #expect(member.offsets(of: "s") == Array(1...4 + 3 * round))
        }
        #expect(!member.transcript.contains("interrupted"))
    }

    @Test func `an outage in the middle of a long gap goes on where it was`() {
        recover()
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", (0..<1_000).map { "\($0)" })
        world.broker.dropsAnnouncements = false
        world.client().publish("last", to: "/topic/a")
        while member.offsets(of: "s").count < 200 { world.simulator.step() }
        world.broker.failing = .unavailable("told to")
        world.simulator.run(forMs: 5_000)
        #expect(member.offsets(of: "s").count < 1_005)
        recover()
        #expect(member.offsets(of: "s") == Array(1...1_005))
    }

    @Test func `who joins during the outage waits for one read, and is told that it failed`() {
        world.simulator.run(forMs: 5_000)
        let joiner = world.client()
        joiner.subscribe("s", to: "/topic/a", receipt: "r")
        world.run()
        #expect(joiner.transcript.isEmpty)
        world.simulator.run(forMs: 1_000)
        #expect(joiner.transcript == ["refused r: store-unavailable, again in 1000 ms, ended"])
        #expect(member.transcript == ["s 1"])
    }

    @Test func `who joins as the outage ends gets everything once`() {
        world.simulator.run(forMs: 5_000)
        let joiner = world.client()
        joiner.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 1)),
            receipt: "r")
        world.run()
        recover()
        world.fill("/topic/a", ["5"])
        #expect(joiner.offsets(of: "s") == [2, 3, 4, 5])
        #expect(member.offsets(of: "s") == [1, 2, 3, 4, 5])
    }

    @Test func `a room that everybody has left during the outage closes in it`() {
        member.ask { $0.end() }
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
        let reads = world.broker.readCount
        world.simulator.run(forMs: 10_000)
        #expect(world.broker.readCount == reads)
        world.broker.failing = nil
        let again = world.client()
        again.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 1)),
            receipt: "r")
        world.run()
        #expect(again.transcript == ["replay s 2 3 4", "subscribed r at 7:4, complete"])
    }

    @Test func `members are sent away when the log comes back with another life`() {
        world.simulator.run(forMs: 5_000)
        world.broker.inner.loseData(beginning: Epoch(rawValue: 8))
        recover()
        #expect(member.transcript == ["s 1", "interrupted"])
        let again = world.client()
        again.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 1)),
            receipt: "r")
        world.run()
        #expect(again.transcript == ["subscribed r at 8:0, reset"])
    }

    @Test func `an announcement of another life during the outage sends nobody too far`() {
        world.simulator.run(forMs: 5_000)
        world.broker.announce(["other"], from: 90, epoch: Epoch(rawValue: 8), to: 0)
        world.run()
        recover()
        #expect(member.transcript == ["s 1", "s 2", "s 3", "s 4"])
    }

    @Test func `members are sent away when the log comes back without what they missed`() {
        world.simulator.run(forMs: 5_000)
        world.broker.failing = nil
        world.broker.dropsAnnouncements = true
        // More than is kept: the room's policy keeps 10,000.
        world.fill("/topic/a", (0..<10_003).map { "\($0)" })
        world.simulator.run(forMs: 1_000)
        #expect(member.transcript == ["s 1", "interrupted"])
    }
}
