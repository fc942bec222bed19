import Engine
import TestSupport
import Testing

/// Announcements that get lost before a silence.
struct TopWatchTests {
    /// A world of a broker that says it loses announcements, with a member of each topic who has
    /// seen offset 1.
    private func world(
        _ topics: [String] = ["/topic/a"], loopCount: Int = 1,
        policy: RoomPolicy = RoomPolicy(retention: Retention(countMax: 10_000))
    ) -> (EngineWorld, [EngineClient]) {
        let world = EngineWorld(
            loopCount: loopCount, policy: policy, losesAnnouncements: true)
        let members = topics.map { topic in
            let member = world.client()
            member.subscribe("s", to: topic)
            world.run()
            world.fill(topic, ["1"])
            return member
        }
        return (world, members)
    }

    private func lose(_ texts: [String], of topic: String, in world: EngineWorld) {
        world.broker.dropsAnnouncements = true
        world.fill(topic, texts)
        world.broker.dropsAnnouncements = false
    }

    @Test func `what was lost last is found within two seconds, and nobody is sent away`() {
        let (world, members) = world()
        world.simulator.run(forMs: 10_000)
        lose(["2", "3"], of: "/topic/a", in: world)
        #expect(members[0].offsets(of: "s") == [1])
        world.simulator.run(forMs: 2_000)
        #expect(members[0].publications(of: "s").map(\.text) == ["1", "2", "3"])
        #expect(members[0].transcript == ["s 1", "s 2", "s 3"])
        #expect(world.broker.attachCount == 1)
    }

    @Test func `one question is asked of all the rooms of a loop`() {
        let topics = (0..<20).map { "/topic/\($0)" }
        let (world, _) = world(topics)
        let before = world.broker.topsAsked.count
        world.simulator.run(forMs: 9_000)
        let asked = world.broker.topsAsked.dropFirst(before)
        #expect(asked.count == 10)
        for streams in asked { #expect(Set(streams) == Set(topics.map { String($0.dropFirst()) })) }
    }

    @Test func `every loop looks after its own rooms`() {
        let (world, members) = world((0..<20).map { "/topic/\($0)" }, loopCount: 3)
        for number in 0..<20 { lose(["2"], of: "/topic/\(number)", in: world) }
        world.simulator.run(forMs: 2_000)
        for member in members { #expect(member.offsets(of: "s") == [1, 2]) }
    }

    @Test func `nothing is asked where announcements can't get lost`() {
        let world = EngineWorld()
        world.client().subscribe("s", to: "/topic/a")
        world.simulator.run(forMs: 60_000)
        #expect(world.broker.topsAsked.isEmpty)
    }

    @Test func `nothing is asked for rooms without members, and nothing once they have closed`() {
        let (world, members) = world()
        members[0].ask { $0.end() }
        world.run()
        let asked = world.broker.topsAsked.count
        world.simulator.run(forMs: 60_000)
        #expect(world.broker.topsAsked.count == asked)
        #expect(world.community.rooms.count == 0)
        let again = world.client()
        again.subscribe("s", to: "/topic/a")
        world.run()
        lose(["2"], of: "/topic/a", in: world)
        world.simulator.run(forMs: 2_000)
        #expect(again.offsets(of: "s") == [2])
    }

    @Test func `what is lost in an outage is found after it`() {
        let (world, members) = world()
        lose(["2"], of: "/topic/a", in: world)
        world.broker.failing = .unavailable("told to")
        world.simulator.run(forMs: 10_000)
        #expect(members[0].offsets(of: "s") == [1])
        world.broker.failing = nil
        world.simulator.run(forMs: 2_000)
        #expect(members[0].offsets(of: "s") == [1, 2])
    }

    @Test func `a client that has seen more than the room waits for two seconds at most`() {
        let (world, _) = world()
        lose(["2"], of: "/topic/a", in: world)
        let early = world.client()
        early.subscribe(
            "s", to: "/topic/a", from: .after(Position(epoch: Epoch(rawValue: 7), offset: 2)),
            receipt: "r")
        world.run()
        #expect(early.transcript.isEmpty)
        world.simulator.run(forMs: 2_000)
        #expect(early.transcript == ["subscribed r at 7:2, complete"])
    }

    @Test func `members of a stream that keeps nothing are sent away for what was lost`() {
        let (world, members) = world(policy: RoomPolicy(retention: .nothing))
        lose(["2"], of: "/topic/a", in: world)
        world.simulator.run(forMs: 2_000)
        #expect(members[0].transcript == ["s 1", "interrupted"])
    }

    @Test func `members of a stream that began a new life in silence are sent away`() {
        let (world, members) = world(policy: RoomPolicy(retention: .nothing))
        world.broker.inner.crash()
        world.simulator.run(forMs: 2_000)
        #expect(members[0].transcript == ["s 1", "interrupted"])
    }

    @Test func `who listens to events is told that some were lost, and stays`() {
        let (world, _) = world([])
        let observer = world.client()
        observer.subscribe("e", to: "/events/a")
        world.run()
        world.broker.dropsAnnouncements = true
        world.client(7).subscribe("s", to: "/chat/a")
        world.run()
        world.broker.dropsAnnouncements = false
        world.simulator.run(forMs: 2_000)
        #expect(observer.events(of: "e") == ["0 events/missed"])
        #expect(observer.offsets(of: "e") == [1])
        world.client(8).subscribe("s", to: "/chat/a")
        world.simulator.run(forMs: 10_000)
        #expect(observer.events(of: "e") == ["0 events/missed", "8 presence/joined"])
    }

    @Test(arguments: UInt64(0)..<40)
    func `what is only on its way is not taken for lost`(seed: UInt64) {
        let world = EngineWorld(
            seed: seed, policy: RoomPolicy(retention: .nothing), losesAnnouncements: true)
        let member = world.client()
        member.subscribe("s", to: "/topic/a")
        world.run()
        let publisher = world.client(2)
        for number in 0..<300 {
            publisher.publish("\(number)", to: "/topic/a")
            for _ in 0..<Int.random(in: 0..<12, using: &world.simulator.random) {
                world.simulator.step()
            }
            world.simulator.clock.advance(byMs: 20)
        }
        world.simulator.run(forMs: 2_000)
        #expect(member.offsets(of: "s") == Array(1...300), "seed \(seed)")
        #expect(!member.transcript.contains("interrupted"), "seed \(seed)")
    }
}
