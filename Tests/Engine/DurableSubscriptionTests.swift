import Engine
import TestSupport
import Testing

struct DurableSubscriptionTests {
    /// What a client hears that comes back to a durable subscription.
    private func returning(
        to world: EngineWorld, _ mode: AcknowledgementMode = .cumulative
    ) -> [String] {
        let client = world.client()
        client.subscribe(
            "s", to: "/topic/a", acknowledging: mode, durable: true, receipt: "back")
        world.run()
        defer {
            client.ask { $0.end() }
            world.run()
        }
        return client.transcript
    }

    /// A client that subscribes to an empty topic, and is sent so many messages.
    private func subscriber(
        in world: EngineWorld, _ mode: AcknowledgementMode = .cumulative, sent count: Int = 5
    ) -> EngineClient {
        let client = world.client()
        client.subscribe("s", to: "/topic/a", acknowledging: mode)
        world.run()
        world.fill("/topic/a", (0..<count).map { "\($0)" })
        return client
    }

    private func leave(_ client: EngineClient, _ world: EngineWorld) {
        client.ask { $0.end() }
        world.run()
    }

    // MARK: Returning

    @Test func `what was not acknowledged comes again`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(2)
        leave(client, world)
        #expect(
            returning(to: world) == ["replay s 3 4 5", "subscribed back at 7:5, complete"])
    }

    @Test func `single messages that were acknowledged do not come again`() {
        let world = EngineWorld()
        let client = subscriber(in: world, .individual)
        client.acknowledge(4)
        client.acknowledge(2)
        leave(client, world)
        #expect(
            returning(to: world, .individual)
                == ["replay s 1 3 5", "subscribed back at 7:5, complete"])
    }

    @Test func `a subscriber that acknowledged nothing is owed everything it was sent`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        leave(client, world)
        #expect(
            returning(to: world) == ["replay s 1 2 3 4 5", "subscribed back at 7:5, complete"])
    }

    @Test func `a message that was refused comes again`() {
        let world = EngineWorld()
        let client = subscriber(in: world, .individual)
        for offset in [1, 2, 4, 5] { client.acknowledge(UInt64(offset)) }
        client.acknowledge(3, not: true, receipt: "n")
        world.run()
        #expect(client.transcript.last == "receipt n")
        leave(client, world)
        #expect(
            returning(to: world, .individual)
                == ["replay s 3", "subscribed back at 7:5, complete"])
    }

    @Test func `what nobody was there for is owed, too`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(5)
        leave(client, world)
        world.fill("/topic/a", ["six", "seven"])
        #expect(
            returning(to: world) == ["replay s 6 7", "subscribed back at 7:7, complete"])
    }

    @Test func `who does not say durable starts as asked, and owes from there`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        leave(client, world)
        let anew = world.client()
        anew.subscribe(
            "s", to: "/topic/a", from: .last(1), acknowledging: .cumulative, receipt: "r")
        world.run()
        #expect(anew.transcript == ["replay s 5", "subscribed r at 7:5, complete"])
        leave(anew, world)
        #expect(returning(to: world) == ["replay s 5", "subscribed back at 7:5, complete"])
    }

    @Test func `another user, id or destination is another subscription`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        leave(client, world)
        for (user, id, topic) in [(2, "s", "a"), (1, "t", "a"), (1, "s", "b")] {
            let other = world.client(Int64(user))
            other.subscribe(
                id, to: "/topic/\(topic)", acknowledging: .cumulative, durable: true, receipt: "r")
            world.run()
            #expect(other.transcript.count == 1)
        }
    }

    @Test func `a subscription can be taken up again in the same session`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(3)
        client.ask { $0.unsubscribe("s", receipt: nil) }
        client.subscribe(
            "s", to: "/topic/a", acknowledging: .cumulative, durable: true, receipt: "r")
        world.run()
        #expect(
            client.transcript.suffix(2) == ["replay s 4 5", "subscribed r at 7:5, complete"])
    }

    @Test func `a state that history no longer reaches back to is a gap, once`() {
        let world = EngineWorld(policy: RoomPolicy(retention: Retention(countMax: 3)))
        let client = subscriber(in: world, sent: 1)
        leave(client, world)
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        // A room that opens later knows the log from the broker alone.
        world.simulator.run(forMs: 120_000)
        #expect(
            returning(to: world) == ["replay s 599 600 601", "subscribed back at 7:601, gap"])
        #expect(
            returning(to: world) == ["replay s 599 600 601", "subscribed back at 7:601, complete"])
    }

    @Test func `a state of a stream that was lost is reset, once`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(2)
        leave(client, world)
        let later = world.restarted(losingLogTo: 8)
        later.fill("/topic/a", ["one", "two", "three"])
        #expect(returning(to: later) == ["subscribed back at 8:3, reset"])
        later.fill("/topic/a", ["four"])
        #expect(returning(to: later) == ["replay s 4", "subscribed back at 8:4, complete"])
    }

    @Test func `nothing is remembered of what is not kept`() {
        let world = EngineWorld(policy: RoomPolicy(retention: .nothing))
        let client = world.client()
        client.subscribe("s", to: "/topic/a", acknowledging: .cumulative, receipt: "r")
        client.publish("one", to: "/topic/a")
        world.run()
        client.acknowledge(1, epoch: 8, receipt: "a")
        world.run()
        #expect(client.transcript.last == "receipt a")
        client.subscribe(
            "t", to: "/topic/a", acknowledging: .cumulative, durable: true, receipt: "d")
        world.run()
        #expect(client.transcript.last == "refused d: bad-frame, ended")
    }

    // MARK: What is lost

    @Test func `a crash of the server loses no acknowledgement that had a receipt`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(2, receipt: "a")
        world.run()
        client.acknowledge(4)
        world.run()
        #expect(client.transcript.last == "receipt a")
        // Nobody ends the session: what waits for company is gone.
        let later = world.restarted()
        #expect(
            returning(to: later) == ["replay s 3 4 5", "subscribed back at 7:5, complete"])
    }

    @Test func `an acknowledgement without a receipt is stored within a quarter of a second`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(4)
        world.simulator.run(forMs: 249)
        #expect(world.store.commitCount == 1)
        world.simulator.run(forMs: 1)
        #expect(world.store.commitCount == 2)
        let later = world.restarted()
        #expect(returning(to: later) == ["replay s 5", "subscribed back at 7:5, complete"])
    }

    @Test func `acknowledgements are stored together, in one commit at a time`() {
        let world = EngineWorld()
        let client = subscriber(in: world, .individual)
        client.acknowledge(1, receipt: "1")
        world.run(.loops)
        for offset in 2...5 { client.acknowledge(UInt64(offset), receipt: "\(offset)") }
        world.run()
        #expect(client.transcript.suffix(5) == (1...5).map { "receipt \($0)" })
        // One for the subscription, one for the first, one for all that came meanwhile.
        #expect(world.store.commitCount == 3)
    }

    @Test func `a goodbye waits for what was acknowledged before it`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(4)
        client.ask { $0.disconnect(receipt: "d") }
        world.run(.loops)
        #expect(client.transcript.last == "s 5")
        world.run()
        #expect(client.transcript.last == "disconnected d")
        let later = world.restarted()
        #expect(returning(to: later) == ["replay s 5", "subscribed back at 7:5, complete"])
    }

    @Test func `the loop is kept until the last acknowledgements of an ended session are stored`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(4)
        client.ask { $0.end() }
        world.run(.loops)
        #expect(world.outlets[0].holdCount == 1)
        world.run()
        #expect(world.outlets[0].holdCount == 0)
        #expect(returning(to: world) == ["replay s 5", "subscribed back at 7:5, complete"])
    }

    @Test func `a store that fails is told to who waits, and tried again`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.subscribe("e", to: "/errors")
        world.store.failing = .unavailable("full")
        client.acknowledge(4, receipt: "a")
        world.run()
        #expect(
            client.transcript.last
                == "refused a: store-unavailable, again in 1000 ms, told e")
        world.store.failing = nil
        world.simulator.run(forMs: 1_000)
        let later = world.restarted()
        #expect(returning(to: later) == ["replay s 5", "subscribed back at 7:5, complete"])
    }

    @Test func `a subscription that can't be stored does not begin`() {
        let world = EngineWorld()
        world.store.failing = .unavailable("full")
        let client = world.client()
        client.subscribe("s", to: "/topic/a", acknowledging: .cumulative, receipt: "r")
        world.run()
        #expect(
            client.transcript == ["refused r: store-unavailable, again in 1000 ms, ended"])
        #expect(world.memberCount == 0)
    }

    // MARK: Two at once

    @Test(arguments: UInt64(0)..<40)
    func `two sessions of one subscription never take an acknowledgement back`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 2)
        let clients = [0, 1].map { world.client(on: $0) }
        for client in clients {
            client.subscribe("s", to: "/topic/a", acknowledging: .individual)
        }
        world.run()
        world.fill("/topic/a", (0..<10).map { "\($0)" })
        for offset in 1...9 {
            clients[offset % 2].acknowledge(UInt64(offset), receipt: "\(offset)")
            for _ in 0..<seed % 7 { world.simulator.step() }
        }
        world.run()
        for client in clients { leave(client, world) }
        #expect(
            returning(to: world, .individual)
                == ["replay s 10", "subscribed back at 7:10, complete"])
    }

    @Test(arguments: UInt64(0)..<40)
    func `whatever happens when, nothing is skipped and nothing receipted comes again`(
        seed: UInt64
    ) {
        let world = EngineWorld(seed: seed, loopCount: 2)
        let client = world.client(on: Int(seed % 2))
        client.subscribe("s", to: "/topic/a", acknowledging: .cumulative)
        let writer = world.client(2)
        for number in 1...20 { writer.publish("\(number)", to: "/topic/a") }
        for _ in 0..<seed * 3 { world.simulator.step() }
        let heard = client.offsets(of: "s")
        if let last = heard.last { client.acknowledge(last, receipt: "a") }
        for _ in 0..<seed { world.simulator.step() }
        let receipted = client.transcript.contains("receipt a") ? heard.last ?? 0 : 0
        let begins = client.offsets(of: "s").first ?? 21
        client.outlet.loop.post { client.session.assumeIsolated { $0.end() } }
        world.run()
        let back = world.client()
        back.subscribe("s", to: "/topic/a", acknowledging: .cumulative, durable: true)
        world.run()
        let owed = back.offsets(of: "s")
        #expect(owed == Array((owed.first ?? 21)..<21))
        #expect(owed.allSatisfy { $0 > receipted })
        if begins <= 20 { #expect(owed.isEmpty || owed[0] <= (heard.last ?? begins - 1) + 1) }
    }

    @Test(arguments: UInt64(0)..<40)
    func `who goes on takes back nothing that another session acknowledges meanwhile`(
        seed: UInt64
    ) {
        // Each return stores anew where retention has cut the history.
        let policy = RoomPolicy(retention: Retention(countMax: 3))
        let world = EngineWorld(seed: seed, loopCount: 2, policy: policy)
        let client = subscriber(in: world, sent: 8)
        let back = world.client(on: 1)
        back.subscribe("s", to: "/topic/a", acknowledging: .cumulative, durable: true)
        for _ in 0..<seed { world.simulator.step() }
        client.acknowledge(8, receipt: "a")
        world.run()
        #expect(client.transcript.last == "receipt a")
        leave(client, world)
        leave(back, world)
        #expect(returning(to: world) == ["subscribed back at 7:8, complete"])
    }

    // MARK: Leases and bounds

    @Test func `a subscription that nobody used for a month is forgotten`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        leave(client, world)
        world.simulator.clock.advance(byMs: 29 * 86_400_000)
        #expect(returning(to: world).first == "replay s 1 2 3 4 5")
        world.simulator.clock.advance(byMs: 29 * 86_400_000)
        #expect(returning(to: world).first == "replay s 1 2 3 4 5")
        world.simulator.clock.advance(byMs: 32 * 86_400_000)
        #expect(returning(to: world) == ["subscribed back at 7:5, complete"])
    }

    @Test func `a user has a limited number of durable subscriptions`() {
        let world = EngineWorld(limits: SessionLimits(subscriptionsMax: 2_000))
        let client = world.client()
        client.subscribe("e", to: "/errors")
        for number in 0..<1_000 {
            client.subscribe("\(number)", to: "/topic/\(number)", acknowledging: .cumulative)
        }
        client.subscribe("too many", to: "/topic/a", acknowledging: .cumulative, receipt: "r")
        client.subscribe("auto", to: "/topic/b")
        world.run()
        #expect(client.transcript.contains("refused r: too-large, told e"))
        let other = world.client(2)
        other.subscribe("s", to: "/topic/a", acknowledging: .cumulative, receipt: "r")
        world.run()
        #expect(other.transcript == ["subscribed r at 7:0, complete"])
        // Forgotten ones make room.
        world.simulator.clock.advance(byMs: 32 * 86_400_000)
        client.subscribe("now", to: "/topic/a", acknowledging: .cumulative, receipt: "n")
        world.run()
        #expect(client.transcript.last == "subscribed n at 7:0, complete")
    }

    @Test func `a name that is too long to be remembered is refused`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        let topic = "/topic/" + String(repeating: "x", count: 504)
        client.subscribe("s", to: topic, acknowledging: .cumulative, receipt: "r")
        client.subscribe("s2", to: topic, acknowledging: .cumulative, receipt: "q")
        world.run()
        #expect(
            Set(client.transcript) == [
                "subscribed r at 7:0, complete", "refused q: too-large, told e",
            ])
    }
}
