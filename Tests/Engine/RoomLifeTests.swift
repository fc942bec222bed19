import Engine
import TestSupport
import Testing

struct RoomLifeTests {
    @Test func `a room without members closes after a while, and not before`() {
        let world = EngineWorld()
        world.fill("/topic/a", ["one"])
        #expect(world.community.rooms.count == 1)
        world.simulator.run(forMs: 20_000)
        #expect(world.community.rooms.count == 1)
        world.simulator.run(forMs: 60_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `a room with a member stays`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        world.run()
        world.simulator.run(forMs: 600_000)
        #expect(world.community.rooms.count == 1)
        client.ask { $0.unsubscribe("s", receipt: nil) }
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `a room that is only published to stays as long as that goes on`() {
        let world = EngineWorld()
        for number in 1...10 {
            world.fill("/topic/a", ["\(number)"])
            world.simulator.run(forMs: 20_000)
            #expect(world.community.rooms.count == 1)
        }
        world.simulator.run(forMs: 60_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `a node hears nothing of a stream that nobody follows there`() {
        let world = EngineWorld()
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "one")
        world.run()
        #expect(client.transcript == ["published one at 7:1"])
        #expect(world.broker.attachCount == 0)
        client.subscribe("s", to: "/topic/a")
        client.publish("two", to: "/topic/a")
        client.publish("three", to: "/topic/a")
        world.run()
        #expect(world.broker.attachCount == 1)
        #expect(client.offsets(of: "s") == [2, 3])
        client.ask { $0.unsubscribe("s", receipt: nil) }
        world.simulator.run(forMs: 120_000)
        client.publish("four", to: "/topic/a", receipt: "four")
        world.run()
        #expect(client.published["four"] != nil)
        #expect(world.broker.attachCount == 1)
    }

    @Test func `a room that nobody entered after all closes, too`() {
        let world = EngineWorld()
        let client = world.client()
        world.outlets[0].setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: .last(5))
        client.publish("too large", to: "/topic/b")
        world.run()
        #expect(world.community.rooms.count == 2)
        client.ask { $0.end() }
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
        #expect(world.broker.attachCount == 0)
    }

    @Test func `a room that is found repairing when it should close, closes later`() {
        let world = EngineWorld()
        world.visit("/topic/a")
        world.fill("/topic/a", ["one"])
        world.simulator.run(forMs: 15_000)
        world.broker.dropsAnnouncements = true
        world.fill("/topic/a", ["two"])
        world.broker.dropsAnnouncements = false
        world.broker.holdsAnswers = true
        world.fill("/topic/a", ["three"])
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 1)
        world.broker.holdsAnswers = false
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `a closed room opens again where it was`() {
        let world = EngineWorld()
        world.fill("/topic/a", ["one"])
        world.simulator.run(forMs: 120_000)
        let client = world.client()
        client.subscribe("s", to: "/topic/a", from: .last(5), receipt: "r")
        world.run()
        client.publish("two", to: "/topic/a")
        world.run()
        #expect(client.transcript == ["replay s 1", "subscribed r at 7:1, complete", "s 2"])
    }

    @Test func `who only publishes goes on in the room that follows a closed one`() {
        let world = EngineWorld()
        let client = world.client()
        for round in 1...3 {
            client.publish("\(round)", to: "/topic/a", receipt: "p\(round)")
            client.publish("again", to: "/topic/a", receipt: "q\(round)")
            world.simulator.run(forMs: 120_000)
            #expect(world.community.rooms.count == 0)
            #expect(client.published["p\(round)"] != nil)
            #expect(client.published["q\(round)"] != nil)
        }
        #expect(world.broker.attachCount == 0)
    }

    @Test(arguments: UInt64(0)..<100)
    func `whoever comes while a room closes is served by the next one`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 2)
        world.fill("/topic/a", ["one"])
        let members = [world.client(on: 0), world.client(on: 1)]
        for member in members {
            member.subscribe("s", to: "/topic/a", from: .last(5))
            member.publish("more", to: "/topic/a", receipt: "p")
        }
        // The room's closing is due, and races with both.
        for _ in 0..<seed % 8 { world.simulator.step(.loops) }
        world.simulator.clock.advance(byMs: 40_000)
        world.run()
        for member in members {
            #expect(member.published["p"] != nil, "seed \(seed)")
            #expect(member.offsets(of: "s") == [1, 2, 3], "seed \(seed)")
            member.ask { $0.unsubscribe("s", receipt: nil) }
        }
        world.simulator.run(forMs: 120_000)
        #expect(world.memberCount == 0)
        #expect(world.community.rooms.count == 0, "seed \(seed)")
    }

    @Test func `one node attaches to a stream once, however many subscribe`() {
        let world = EngineWorld(loopCount: 3)
        let members = (0..<9).map { world.client(on: $0 % 3) }
        for member in members { member.subscribe("s", to: "/topic/a") }
        world.run()
        #expect(world.broker.attachCount == 1)
        #expect(world.memberCount == 9)
    }
}
