import Engine
import Synchronization
import TestSupport
import Testing

struct AcknowledgingTests {
    private func subscriber(
        _ mode: AcknowledgementMode = .cumulative, in world: EngineWorld
    ) -> EngineClient {
        let client = world.client()
        client.subscribe("s", to: "/topic/a", acknowledging: mode)
        world.run()
        world.fill("/topic/a", (0..<5).map { "\($0)" })
        return client
    }

    /// What is owed to a client that comes back.
    private func owed(in world: EngineWorld) -> [UInt64] {
        let client = world.client()
        client.subscribe("s", to: "/topic/a", acknowledging: .cumulative, durable: true)
        world.run()
        return client.offsets(of: "s")
    }

    // MARK: What can't be acknowledged

    @Test(arguments: [("s", 6, 7), ("s", 3, 8), ("t", 3, 7), ("auto", 3, 7), ("e", 3, 7)])
    func `what was not sent is not acknowledged`(id: String, offset: UInt64, epoch: UInt64) {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.subscribe("auto", to: "/topic/a")
        client.subscribe("e", to: "/errors")
        client.acknowledge(offset, of: id, epoch: epoch, receipt: "a")
        world.run()
        #expect(client.transcript.last == "refused a: bad-frame, ended")
        #expect(owed(in: world) == [1, 2, 3, 4, 5])
    }

    @Test func `what was acknowledged before is acknowledged again`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.acknowledge(3)
        client.acknowledge(3, receipt: "a")
        client.acknowledge(1, receipt: "b")
        world.run()
        #expect(client.transcript.suffix(2) == ["receipt a", "receipt b"])
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [4, 5])
    }

    @Test func `what is replayed page by page can be acknowledged at once`() {
        let world = EngineWorld()
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        let client = world.client()
        world.outlets[0].setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: .last(600), acknowledging: .cumulative)
        world.run()
        let sent = client.offsets(of: "s").count
        #expect(sent < 600)
        client.acknowledge(UInt64(sent), receipt: "a")
        world.run()
        #expect(client.transcript.last == "receipt a")
        client.acknowledge(UInt64(sent + 1), receipt: "b")
        world.run()
        #expect(client.transcript.last == "refused b: bad-frame, ended")
    }

    @Test func `too many gaps are refused, and the session goes on`() {
        let world = EngineWorld()
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("s", to: "/topic/a", acknowledging: .individual)
        world.run()
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        for number in 1...257 { client.acknowledge(UInt64(number * 2), receipt: "\(number)") }
        client.acknowledge(1, receipt: "first")
        client.acknowledge(514, receipt: "again")
        world.run()
        let answers = client.transcript.filter { !$0.hasPrefix("s ") }
        #expect(answers.contains("refused 257: too-large, told e"))
        #expect(answers.suffix(2) == ["receipt first", "receipt again"])
        #expect(answers.count == 259)
    }

    // MARK: Without a subscription's name

    @Test func `a message is found by its position where one subscription was sent it`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.subscribe("t", to: "/topic/b", acknowledging: .cumulative)
        client.acknowledge(3, of: nil, receipt: "a")
        world.run()
        #expect(client.transcript.last == "receipt a")
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [4, 5])
    }

    @Test func `a position that two subscriptions were sent names none of them`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.subscribe("t", to: "/topic/a", from: .last(5), acknowledging: .cumulative)
        world.run()
        client.acknowledge(3, of: "t")
        client.acknowledge(2, of: nil, receipt: "s")
        world.run()
        #expect(client.transcript.last == "receipt s")
        client.acknowledge(4, of: nil, receipt: "either")
        world.run()
        #expect(client.transcript.last == "refused either: bad-frame, ended")
        #expect(owed(in: world) == [3, 4, 5])
    }

    @Test func `a position that no subscription was sent is refused`() {
        let world = EngineWorld()
        let client = world.client()
        client.acknowledge(1, of: nil, receipt: "a")
        world.run()
        #expect(client.transcript == ["refused a: bad-frame, ended"])
    }

    // MARK: Transactions

    @Test func `an acknowledgement in a transaction waits for its commit`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.ask { $0.begin("t", receipt: nil) }
        client.acknowledge(3, receipt: "a", in: "t")
        client.publish("six", to: "/topic/b", in: "t")
        world.simulator.run(forMs: 10_000)
        #expect(client.transcript.last == "s 5")
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(client.transcript.suffix(2) == ["receipt a", "receipt c"])
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [4, 5])
    }

    @Test func `a transaction of acknowledgements alone is committed`() {
        let world = EngineWorld()
        let client = subscriber(.individual, in: world)
        client.ask { $0.begin("t", receipt: nil) }
        for offset in [1, 2, 4] { client.acknowledge(UInt64(offset), in: "t") }
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(client.transcript.last == "receipt c")
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [3, 5])
    }

    @Test func `an aborted transaction acknowledges nothing`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.ask { $0.begin("t", receipt: nil) }
        client.acknowledge(3, receipt: "a", in: "t")
        client.ask { $0.abort("t", receipt: "b") }
        world.simulator.run(forMs: 10_000)
        #expect(client.transcript.last == "receipt b")
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [1, 2, 3, 4, 5])
    }

    @Test func `a commit whose messages are not stored acknowledges nothing`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        client.acknowledge(3, in: "t")
        client.publish("six", to: "/topic/b", in: "t")
        world.run()
        world.broker.failing = .unavailable("full")
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(
            client.transcript.last == "refused c: store-unavailable, again in 1000 ms, told e")
        world.broker.failing = nil
        client.ask { $0.end() }
        world.run()
        #expect(owed(in: world) == [1, 2, 3, 4, 5])
    }

    @Test func `a commit for a subscription that has ended is refused, and publishes nothing`() {
        let world = EngineWorld()
        let client = subscriber(in: world)
        client.ask { $0.begin("t", receipt: nil) }
        client.acknowledge(3, in: "t")
        client.publish("six", to: "/topic/a", in: "t")
        client.ask { $0.unsubscribe("s", receipt: nil) }
        client.ask { $0.commit("t", receipt: "c") }
        world.run()
        #expect(client.transcript.last == "refused c: bad-frame, ended")
        #expect(owed(in: world) == [1, 2, 3, 4, 5])
    }

    @Test func `an unknown transaction, and one that holds too much, are refused`() {
        let world = EngineWorld(limits: SessionLimits(unacknowledgedMax: 2))
        let client = subscriber(in: world)
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        for offset in [1, 2, 3] {
            client.acknowledge(UInt64(offset), receipt: "\(offset)", in: "t")
        }
        client.acknowledge(4, receipt: "4", in: "u")
        world.run()
        #expect(
            client.transcript.suffix(2) == [
                "refused 3: too-large, told e", "refused 4: bad-frame, ended",
            ])
    }

    // MARK: Reading

    @Test func `who publishes and who acknowledges has read up to there`() {
        let marks = Mutex<[String]>([])
        let world = EngineWorld(
            policy: RoomPolicy(
                retention: Retention(countMax: 100),
                read: { identity, position, _ in
                    marks.withLock { $0.append("\(identity.user) \(position)") }
                }))
        let client = subscriber(.individual, in: world)
        #expect(marks.withLock { $0 } == (1...5).map { "99 7:\($0)" })
        marks.withLock { $0 = [] }
        for offset in [2, 1, 5, 1] { client.acknowledge(UInt64(offset)) }
        client.acknowledge(3, not: true)
        world.run()
        #expect(marks.withLock { $0 } == ["1 7:2"])
    }
}
