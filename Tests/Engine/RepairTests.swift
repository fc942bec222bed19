import Engine
import TestSupport
import Testing

struct RepairTests {
    /// A room with a member that has seen offset 1, of which the announcements of the next two
    /// publications were lost.
    private func worldWithLoss(
        policy: RoomPolicy = RoomPolicy(retention: Retention(countMax: 10_000))
    ) -> (EngineWorld, EngineClient) {
        let world = EngineWorld(loopCount: 2, policy: policy)
        let member = world.client(on: 1)
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.fill("/topic/a", ["1"])
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", ["2", "3"])
        world.broker.dropsAnnouncements = false
        #expect(member.offsets(of: "s") == [1])
        return (world, member)
    }

    @Test func `what was missed is read back before what was announced, once`() {
        let (world, member) = worldWithLoss()
        world.fill("/topic/a", ["4", "5"])
        #expect(member.publications(of: "s").map(\.text) == ["1", "2", "3", "4", "5"])
        #expect(!member.transcript.contains("interrupted"))
    }

    @Test func `who has seen more than the room waits for the room, and is not reset`() {
        let (world, _) = worldWithLoss()
        let early = world.client()
        early.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 2)),
            receipt: "r")
        world.run()
        #expect(early.transcript.isEmpty)
        world.fill("/topic/a", ["4"])
        #expect(early.offsets(of: "s") == [3, 4])
        #expect(
            early.transcript.first { $0.hasPrefix("subscribed") }?.hasSuffix("complete") == true)
    }

    @Test func `who knows a new life of the stream is not reset by a room that missed it`() {
        let world = EngineWorld()
        let member = world.client()
        member.subscribe("s", to: "/topic/a")
        world.fill("/topic/a", ["1"])
        world.broker.inner.loseData(beginning: Epoch(rawValue: 8))
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", ["one", "two"])
        world.broker.dropsAnnouncements = false
        let knowing = world.client()
        knowing.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 8), offset: 1)),
            receipt: "r")
        world.run()
        #expect(member.transcript == ["s 1", "interrupted"])
        #expect(knowing.transcript == ["replay s 2", "subscribed r at 8:2, complete"])
    }

    @Test func `a long gap is read back in pages`() {
        let world = EngineWorld()
        let member = world.client()
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", (0..<1_000).map { "\($0)" })
        world.broker.dropsAnnouncements = false
        world.fill("/topic/a", ["last"])
        #expect(member.offsets(of: "s") == Array(1...1_001))
    }

    @Test func `what is announced while the gap is read back is not lost`() {
        let (world, member) = worldWithLoss()
        let publisher = world.client()
        publisher.publish("4", to: "/topic/a", receipt: "p")
        // The gap is found, and the log was read, but the answer is still on its way.
        while world.broker.answersOnTheirWay == 0 { world.simulator.step() }
        publisher.publish("5", to: "/topic/a", receipt: "q")
        world.broker.holdsAnswers = true
        world.run()
        #expect(publisher.published["q"]?.position.offset == 5)
        world.broker.holdsAnswers = false
        world.run()
        #expect(member.offsets(of: "s") == [1, 2, 3, 4, 5])
    }

    @Test func `who joins while the gap is read back gets everything once`() {
        let (world, _) = worldWithLoss()
        world.client().publish("4", to: "/topic/a")
        while world.broker.answersOnTheirWay == 0 { world.simulator.step() }
        world.broker.holdsAnswers = true
        let joiner = world.client()
        joiner.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 0)))
        world.run()
        world.broker.holdsAnswers = false
        world.run()
        world.fill("/topic/a", ["5"])
        #expect(joiner.offsets(of: "s") == [1, 2, 3, 4, 5])
    }

    @Test func `members are sent away when what was missed is kept no more`() {
        let (world, member) = worldWithLoss(policy: RoomPolicy(retention: Retention(countMax: 1)))
        world.fill("/topic/a", ["4", "5"])
        #expect(member.transcript.last == "interrupted")
        #expect(member.offsets(of: "s") == [1])
    }

    @Test func `a gap in a stream that keeps nothing sends its members away`() {
        let world = EngineWorld(policy: RoomPolicy(retention: .nothing))
        let member = world.client()
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", ["1"])
        world.broker.dropsAnnouncements = false
        world.client().publish("2", to: "/topic/a")
        // A room that reads in vain, again and again, would never come to rest.
        for _ in 0..<1_000 { world.simulator.step() }
        #expect(!world.simulator.step())
        #expect(member.transcript.last == "interrupted")
    }

    @Test func `members are sent away when the stream begins a new life`() {
        let world = EngineWorld(loopCount: 2)
        let members = [world.client(on: 0), world.client(on: 1)]
        for member in members { member.subscribe("s", to: "/topic/a") }
        world.fill("/topic/a", ["1"])
        world.broker.announce(["other"], from: 1, epoch: Epoch(rawValue: 8), to: 0)
        world.run()
        for member in members {
            #expect(member.transcript == ["s 1", "interrupted"])
        }
        #expect(world.memberCount == 0)
        let again = world.client()
        again.subscribe("s", to: "/topic/a", from: .last(5))
        world.run()
        #expect(again.publications(of: "s").map(\.text) == ["1"])
        #expect(world.broker.attachCount == 2)
    }

    @Test func `what an earlier attachment hears is nothing to a later one`() {
        let world = EngineWorld()
        let member = world.client()
        member.subscribe("s", to: "/topic/a")
        world.run()
        world.broker.announce(["other"], from: 1, epoch: Epoch(rawValue: 8), to: 0)
        world.run()
        let again = world.client()
        again.subscribe("s", to: "/topic/a")
        world.run()
        world.broker.announce(["late"], from: 2, epoch: Epoch(rawValue: 8), to: 0)
        world.run()
        world.fill("/topic/a", ["1"])
        #expect(member.transcript == ["interrupted"])
        #expect(again.transcript == ["s 1"])
    }
}
