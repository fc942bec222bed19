import Engine
import TestSupport
import Testing

/// Sessions whose server goes away.
struct GoingAwayTests {
    private let goodbye = "refused -: going-away, again in 700 ms, ended"

    private func sendAway(_ client: EngineClient) {
        let session = client.session
        client.outlet.loop.post {
            session.assumeIsolated { $0.goAway(reconnectAfterMs: 700) }
        }
    }

    @Test func `who has nothing under way is sent away at once`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.subscribe("e", to: "/errors")
        world.run()
        sendAway(client)
        world.run(.loops)
        #expect(client.transcript == [goodbye])
        #expect(world.memberCount == 0)
    }

    @Test func `what was published before is stored and has its receipts first`() {
        let world = EngineWorld()
        let client = world.client()
        for number in 1...3 { client.publish("\(number)", to: "/topic/a", receipt: "\(number)") }
        world.run(.loops)
        sendAway(client)
        client.publish("late", to: "/topic/a", receipt: "late")
        world.run(.loops)
        #expect(client.transcript.isEmpty)
        world.run()
        #expect(
            client.transcript
                == (1...3).map { "published \($0) at 7:\($0)" } + [goodbye])
    }

    @Test func `a message whose way is being looked up is stored yet`() {
        let world = EngineWorld(asksRegister: true)
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run(.loops)
        sendAway(client)
        world.run()
        #expect(client.transcript == ["published p at 7:1", goodbye])
    }

    @Test func `a transaction that is being committed is stored yet`() {
        let world = EngineWorld(asksRegister: true)
        let client = world.client()
        client.ask { $0.begin("t", receipt: nil) }
        client.publish("one", to: "/topic/a", in: "t")
        client.ask { $0.commit("t", receipt: "c") }
        world.run(.loops)
        sendAway(client)
        world.run()
        #expect(client.transcript == ["receipt c", goodbye])
    }

    @Test func `who is just subscribing joins nothing`() {
        let world = EngineWorld(asksRegister: true)
        let client = world.client()
        client.subscribe("s", to: "/topic/a", receipt: "r")
        world.run(.loops)
        sendAway(client)
        world.run()
        #expect(client.transcript == [goodbye])
        #expect(world.memberCount == 0)
    }

    @Test func `what can't be stored is refused first`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.publish("one", to: "/topic/a")
        world.run()
        client.publish("two", to: "/topic/a", receipt: "p")
        world.run(.loops)
        world.broker.failing = .unavailable("told to")
        sendAway(client)
        world.run()
        #expect(
            client.transcript == [
                "refused p: store-unavailable, again in 1000 ms, told e", goodbye,
            ])
    }

    @Test func `nothing more of a room is sent while other things are finished`() {
        let world = EngineWorld(loopCount: 2)
        let client = world.client()
        let writer = world.client(2, on: 1)
        client.subscribe("s", to: "/topic/a")
        world.run()
        client.publish("mine", to: "/topic/b", receipt: "p")
        world.run(.loops)
        sendAway(client)
        world.run(.loops)
        writer.publish("unheard", to: "/topic/a")
        world.run()
        #expect(client.offsets(of: "s").isEmpty)
        #expect(client.transcript == ["published p at 7:1", goodbye])
    }

    @Test func `who is saying goodbye is answered that`() {
        let world = EngineWorld()
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "p")
        client.ask { $0.disconnect(receipt: "d") }
        world.run(.loops)
        sendAway(client)
        world.run()
        #expect(client.transcript == ["published p at 7:1", "disconnected d"])
    }
}
