import Engine
import TestSupport
import Testing

struct SessionLimitTests {
    @Test func `a session has a limited number of subscriptions to one destination`() {
        let world = EngineWorld(limits: SessionLimits(subscriptionsPerDestinationMax: 2))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        client.subscribe("t", to: "/topic/a")
        client.subscribe("u", to: "/topic/a", receipt: "u")
        client.ask { $0.unsubscribe("s", receipt: nil) }
        client.subscribe("v", to: "/topic/a")
        client.subscribe("w", to: "/topic/b")
        world.run()
        #expect(client.transcript == ["refused u: too-large, told e"])
        #expect(world.memberCount == 3)
    }

    @Test func `a name that a session would have to keep is bounded`() {
        let world = EngineWorld(limits: SessionLimits(nameBytesMax: 3))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("four", to: "/topic/a", receipt: "s")
        client.subscribe("two", to: "/topic/a")
        client.ask { $0.begin("four", receipt: "b") }
        client.ask { $0.begin("two", receipt: "c") }
        world.run()
        #expect(
            client.transcript == [
                "refused s: too-large, told e", "refused b: too-large, told e", "receipt c",
            ])
    }

    @Test func `rooms read for few subscriptions of a session at a time, even for ended ones`() {
        let world = EngineWorld(limits: SessionLimits(joinsMax: 2))
        // More than a room remembers, so that the log must be read.
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        let client = world.client()
        let readsBefore = world.broker.readCount
        world.broker.holdsAnswers = true
        for _ in 0..<20 {
            client.subscribe("s", to: "/topic/a", from: .last(600))
            client.ask { $0.unsubscribe("s", receipt: nil) }
        }
        world.run()
        #expect(world.broker.readCount - readsBefore == 2)
        world.broker.holdsAnswers = false
        client.subscribe("t", to: "/topic/a", from: .last(600), receipt: "t")
        world.run()
        #expect(client.publications(of: "t").count == 600)
        #expect(world.memberCount == 1)
    }
}
