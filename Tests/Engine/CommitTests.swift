import Engine
import TestSupport
import Testing

struct CommitTests {
    @Test func `what a transaction holds is published by its commit, in order`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.ask { $0.begin("t", receipt: "b") }
        client.publish("one", to: "/topic/a", in: "t")
        client.publish("two", to: "/topic/a", receipt: "p", in: "t")
        client.publish("outside", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.text) == ["outside"])
        client.ask { $0.commit("t", receipt: "c") }
        client.publish("after", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.text) == ["outside", "one", "two", "after"])
        #expect(
            client.transcript.filter { !$0.hasPrefix("s ") } == [
                "receipt b", "published p at 7:3", "receipt c",
            ])
    }

    @Test func `a commit's receipt waits until all of it is stored`() {
        let world = EngineWorld()
        world.fill("/topic/a", ["warm"])
        let client = world.client()
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/topic/a", in: "t")
        client.publish("two", to: "/topic/a", in: "t")
        client.ask { $0.commit("t", receipt: "c") }
        world.run(.loops)
        // Each of the two is stored in one step, announced and answered in another.
        for _ in 1...3 {
            world.simulator.step(.outside)
            world.run(.loops)
            #expect(client.transcript.isEmpty)
        }
        world.run()
        #expect(client.transcript == ["receipt c"])
    }

    @Test func `an empty transaction commits at once`() {
        let world = EngineWorld()
        let client = world.client()
        client.ask { $0.begin("t", receipt: nil) }
        client.ask { $0.commit("t", receipt: "c") }
        world.run(.loops)
        #expect(client.transcript == ["receipt c"])
    }

    @Test func `what an aborted transaction held is gone`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/topic/a", receipt: "p", in: "t")
        client.ask { $0.abort("t", receipt: "a") }
        world.run()
        #expect(client.transcript == ["receipt a"])
    }

    @Test func `a commit with a refused message publishes nothing of it`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/forbidden", in: "t")
        client.publish("two", to: "/topic/a", receipt: "p", in: "t")
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(client.transcript == ["refused c: forbidden, told e"])
    }

    @Test func `a commit that the broker does not take fails`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        world.run()
        world.broker.failing = .unavailable("told to")
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/topic/a", in: "t")
        client.publish("two", to: "/topic/a", in: "t")
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(
            client.transcript == ["refused c: store-unavailable, again in 1000 ms, told e"])
    }

    @Test(arguments: ["commit", "abort", "publish"])
    func `a transaction that never began is refused`(action: String) {
        let world = EngineWorld()
        let client = world.client()
        switch action {
        case "commit": client.ask { $0.commit("t", receipt: "r") }
        case "abort": client.ask { $0.abort("t", receipt: "r") }
        case _: client.publish("one", to: "/topic/a", receipt: "r", in: "t")
        }
        world.run()
        #expect(client.transcript == ["refused r: bad-frame, ended"])
    }

    @Test func `a session has a limited number of transactions, of limited length`() {
        let world = EngineWorld(limits: SessionLimits(unacknowledgedMax: 2, transactionsMax: 1))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        client.ask { $0.begin("u", receipt: "u") }
        for number in 1...3 {
            client.publish("\(number)", to: "/topic/a", receipt: "\(number)", in: "t")
        }
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(
            client.transcript == [
                "refused u: too-large, told e", "refused 3: too-large, told e",
                "published 1 at 7:1", "published 2 at 7:2", "receipt c",
            ])
    }
}
