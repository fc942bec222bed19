import Engine
import TestSupport
import Testing

struct SessionTests {
    // MARK: Subscriptions

    @Test func `nothing of a subscription comes after its end`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        world.run()
        client.ask { $0.unsubscribe("s", receipt: "u") }
        client.publish("one", to: "/topic/a")
        world.run()
        #expect(client.transcript == ["receipt u"])
        #expect(world.memberCount == 0)
    }

    @Test func `an id can be used again after the subscription's end`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.ask { $0.unsubscribe("s", receipt: nil) }
        client.subscribe("s", to: "/topic/b", receipt: "r")
        client.publish("one", to: "/topic/a")
        client.publish("two", to: "/topic/b")
        world.run()
        #expect(client.publications(of: "s").map(\.text) == ["two"])
        #expect(world.memberCount == 1)
    }

    @Test(arguments: UInt64(0)..<50)
    func `ending a subscription while it joins leaves no member behind`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 2)
        world.fill("/topic/a", (0..<300).map { "\($0)" })
        let client = world.client(on: Int(seed % 2))
        client.subscribe("s", to: "/topic/a", from: .last(300))
        for _ in 0..<seed { world.simulator.step() }
        client.ask { $0.unsubscribe("s", receipt: nil) }
        world.run()
        #expect(world.memberCount == 0)
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test(arguments: UInt64(0)..<50)
    func `a session that ends while it joins leaves no member behind`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 2)
        world.fill("/topic/a", (0..<300).map { "\($0)" })
        let client = world.client(on: Int(seed % 2))
        client.subscribe("s", to: "/topic/a", from: .last(300))
        for _ in 0..<seed { world.simulator.step() }
        client.outlet.loop.post { client.session.assumeIsolated { $0.end() } }
        world.run()
        #expect(world.memberCount == 0)
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `two subscriptions of one id are refused`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        client.subscribe("s", to: "/topic/b", receipt: "r")
        world.run()
        #expect(client.transcript == ["refused r: bad-frame, ended"])
        #expect(world.memberCount == 0)
    }

    @Test func `ending a subscription that is not there is refused`() {
        let world = EngineWorld()
        let client = world.client()
        client.ask { $0.unsubscribe("s", receipt: "u") }
        world.run()
        #expect(client.transcript == ["refused u: bad-frame, ended"])
    }

    @Test func `a session has a limited number of subscriptions`() {
        let world = EngineWorld(limits: SessionLimits(subscriptionsMax: 2))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        client.subscribe("t", to: "/topic/b", receipt: "r")
        world.run()
        #expect(client.transcript == ["refused r: too-large, told e"])
    }

    // MARK: Refusals

    @Test(arguments: [
        ("/forbidden", "forbidden"), ("/nowhere", "no-such-destination"),
    ])
    func `a refusal ends the session of a client that does not listen for errors`(
        destination: String, code: String
    ) {
        let world = EngineWorld()
        let publisher = world.client()
        publisher.subscribe("s", to: "/topic/a")
        publisher.publish("one", to: destination, receipt: "p")
        publisher.publish("two", to: "/topic/a")
        let subscriber = world.client()
        subscriber.subscribe("s", to: destination, receipt: "r")
        world.run()
        #expect(publisher.transcript == ["refused p: \(code), ended"])
        #expect(subscriber.transcript == ["refused r: \(code), ended"])
        #expect(world.memberCount == 0)
    }

    @Test func `a client that listens for errors goes on`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors", receipt: "r")
        client.publish("one", to: "/forbidden", receipt: "p")
        client.publish("too large", to: "/topic/a", receipt: "q")
        client.subscribe("s", to: "/nowhere")
        client.publish("two", to: "/errors", receipt: "o")
        client.publish("three", to: "/topic/a", receipt: "t")
        world.run()
        #expect(
            client.transcript == [
                "receipt r", "refused p: forbidden, told e", "refused q: too-large, told e",
                "refused -: no-such-destination, told e",
                "refused o: no-such-destination, told e", "published t at 7:1",
            ])
    }

    @Test func `what concerns the whole session ends it, whoever listens`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a")
        client.ask { $0.refuse(Refusal(.tokenExpired, "it has expired")) }
        world.run()
        #expect(client.transcript == ["refused -: token-expired, ended"])
        #expect(world.memberCount == 0)
    }

    // MARK: The window

    @Test func `a session takes no more than its window of what is not stored yet`() {
        let world = EngineWorld(limits: SessionLimits(unacknowledgedMax: 4))
        let client = world.client()
        for number in 1...10 { client.publish("\(number)", to: "/topic/a", receipt: "\(number)") }
        world.run(.loops)
        world.simulator.step(.outside)
        world.run(.loops)
        #expect(client.waitingCount == 6)
        #expect(client.transcript.isEmpty)
        world.run()
        #expect(client.waitingCount == 0)
        #expect(client.published.count == 10)
        for number in 1...10 {
            #expect(client.published["\(number)"]?.position.offset == UInt64(number))
        }
    }

    @Test func `a session is ready again as soon as one publication is stored`() {
        let world = EngineWorld(limits: SessionLimits(unacknowledgedMax: 1))
        let client = world.client()
        client.publish("one", to: "/topic/a")
        client.publish("two", to: "/topic/a")
        world.run()
        let notices = client.deliveries.filter { $0.line == "readable" }
        #expect(notices.count == 2)
        #expect(client.waitingCount == 0)
    }

    @Test func `a refused publication frees its place in the window`() {
        let world = EngineWorld(limits: SessionLimits(unacknowledgedMax: 1))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        world.run()
        world.broker.failing = .unavailable("told to")
        client.publish("one", to: "/topic/a", receipt: "p")
        client.publish("two", to: "/topic/a", receipt: "q")
        world.run()
        #expect(
            client.transcript == [
                "refused p: store-unavailable, again in 1000 ms, told e",
                "refused q: store-unavailable, again in 1000 ms, told e",
            ])
    }

    // MARK: Goodbye and renewal

    @Test func `a goodbye waits until everything sent before is stored`() {
        let world = EngineWorld()
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "p")
        client.publish("two", to: "/topic/a")
        client.ask { $0.disconnect(receipt: "d") }
        client.publish("late", to: "/topic/a", receipt: "q")
        world.run(.loops)
        #expect(client.transcript.isEmpty)
        world.run()
        #expect(client.transcript == ["published p at 7:1", "disconnected d"])
    }

    @Test func `a goodbye with nothing under way is answered at once`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("s", to: "/topic/a")
        world.run()
        client.ask { $0.disconnect(receipt: nil) }
        world.run(.loops)
        #expect(client.transcript == ["disconnected -"])
        #expect(world.memberCount == 0)
    }

    @Test func `what was handed over is stored although its session has ended`() {
        let world = EngineWorld()
        let client = world.client()
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run(.loops)
        client.ask { $0.end() }
        world.run()
        #expect(client.transcript.isEmpty)
        let reader = world.client()
        reader.subscribe("s", to: "/topic/a", from: .last(5))
        world.run()
        #expect(reader.publications(of: "s").map(\.text) == ["one"])
    }

    @Test func `a renewed session goes on under the fresh token`() {
        let world = EngineWorld()
        let client = world.client(5)
        client.subscribe("s", to: "/topic/a")
        client.publish("one", to: "/topic/a")
        client.ask {
            $0.renew(Identity(user: UserID(5), name: "renamed", role: .user), receipt: "n")
        }
        client.publish("two", to: "/topic/a")
        world.run()
        #expect(client.publications(of: "s").map(\.senderName) == ["user 5", "renamed"])
        #expect(client.transcript.contains("receipt n"))
    }

    @Test func `another user's token renews nothing`() {
        let world = EngineWorld()
        let client = world.client(5)
        client.ask {
            $0.renew(Identity(user: UserID(6), name: "other", role: .user), receipt: "n")
        }
        world.run()
        #expect(client.transcript == ["refused n: bad-credentials, ended"])
    }
}
