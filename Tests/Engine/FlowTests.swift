import TestSupport
import Testing

@testable import Engine

/// The engine's bounds on what clients ask for.
struct FlowTests {
    private static func world(perSecond: Int, loopCount: Int = 1, roomsMax: Int = .max)
        -> EngineWorld
    {
        EngineWorld(
            loopCount: loopCount, limits: SessionLimits(publishesPerSecondMax: perSecond),
            roomsMax: roomsMax)
    }

    @Test func `who publishes too fast is refused with a time to try again at`() {
        let world = Self.world(perSecond: 2)
        let client = world.client()
        client.subscribe("e", to: "/errors")
        for number in 1...5 { client.publish("\(number)", to: "/topic/a", receipt: "\(number)") }
        world.run()
        #expect(client.published.keys.sorted() == ["1", "2", "3", "4"])
        #expect(client.transcript.contains("refused 5: too-fast, again in 500 ms, told e"))
        world.simulator.run(forMs: 500)
        client.publish("again", to: "/topic/a", receipt: "6")
        world.run()
        #expect(client.published["6"]?.position.offset == 5)
    }

    @Test func `who does not listen for errors is sent away for publishing too fast`() {
        let world = Self.world(perSecond: 1)
        let client = world.client()
        for _ in 1...3 { client.publish("x", to: "/topic/a") }
        world.run()
        #expect(client.transcript.last == "refused -: too-fast, again in 1000 ms, ended")
    }

    @Test func `all sessions of a user share one allowance, and no two users do`() {
        let world = Self.world(perSecond: 2, loopCount: 2)
        let sessions = (0..<4).map { world.client(7, on: $0 % 2) }
        let other = world.client(8, on: 1)
        for client in sessions + [other] { client.subscribe("e", to: "/errors") }
        for client in sessions {
            for number in 1...3 { client.publish("x", to: "/topic/a", receipt: "\(number)") }
        }
        for number in 1...4 { other.publish("x", to: "/topic/a", receipt: "\(number)") }
        world.run()
        #expect(sessions.reduce(0) { $0 + $1.published.count } == 4)
        #expect(other.published.count == 4)
    }

    @Test func `a transaction's messages count when it commits, and can be committed later`() {
        let world = Self.world(perSecond: 4)
        let client = world.client()
        client.subscribe("e", to: "/errors")
        for name in ["t", "u"] {
            client.ask { $0.begin(name, receipt: nil) }
            for number in 1...5 { client.publish("\(number)", to: "/topic/a", in: name) }
        }
        client.ask { $0.commit("t", receipt: "t") }
        client.ask { $0.commit("u", receipt: "u") }
        world.run()
        #expect(
            client.transcript == [
                "receipt t", "refused u: too-fast, again in 500 ms, told e",
            ]
                || client.transcript == [
                    "refused u: too-fast, again in 500 ms, told e", "receipt t",
                ])
        world.simulator.run(forMs: 500)
        client.ask { $0.commit("u", receipt: "u") }
        world.run()
        #expect(client.transcript.last == "receipt u")
    }

    @Test func `no more rooms open than may, and an idle one makes room`() {
        let world = Self.world(perSecond: 0, roomsMax: 2)
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.subscribe("a", to: "/topic/a", receipt: "a")
        client.publish("x", to: "/topic/b", receipt: "b")
        client.subscribe("c", to: "/topic/c", receipt: "c")
        client.publish("x", to: "/topic/d", receipt: "d")
        client.publish("x", to: "/topic/a", receipt: "known")
        world.run()
        #expect(world.community.rooms.count == 2)
        let lines = Set(client.transcript)
        for refused in ["c", "d"] {
            #expect(lines.contains("refused \(refused): too-fast, again in 5000 ms, told e"))
        }
        #expect(client.published.keys.sorted() == ["b", "known"])
        world.simulator.run(forMs: 120_000)
        client.subscribe("c", to: "/topic/c", receipt: "again")
        world.run()
        #expect(client.transcript.last == "subscribed again at 7:0, complete")
    }

    @Test func `a transaction that leads to a room too many publishes nothing`() {
        let world = Self.world(perSecond: 0, roomsMax: 2)
        let member = world.client(2)
        member.subscribe("s", to: "/topic/a")
        let client = world.client()
        client.subscribe("e", to: "/errors")
        client.ask { $0.begin("t", receipt: nil) }
        for topic in ["a", "b", "c"] { client.publish("x", to: "/topic/\(topic)", in: "t") }
        client.ask { $0.commit("t", receipt: "t") }
        world.run()
        #expect(client.transcript == ["refused t: too-fast, again in 5000 ms, told e"])
        #expect(member.transcript == [])
    }

    @Test func `rooms keep a bounded amount in memory together, and nobody misses anything`() {
        // Three messages of this size, of whatever rooms.
        let world = EngineWorld(recentBytesMax: 3 * 1_200)
        let text = String(repeating: "x", count: 1_000)
        let topics = ["/topic/a", "/topic/b", "/topic/c"]
        for topic in topics {
            world.visit(topic)
            world.fill(topic, [text, text])
        }
        #expect(world.community.rooms.heldBytes <= 3 * 1_200)
        for topic in topics {
            let client = world.client()
            client.subscribe("s", to: topic, from: .last(2), receipt: "r")
            world.run()
            #expect(client.offsets(of: "s") == [1, 2])
            client.publish("live", to: topic)
            world.run()
            #expect(client.offsets(of: "s") == [1, 2, 3])
        }
        world.simulator.run(forMs: 1)
        #expect(world.community.rooms.heldBytes <= 3 * 1_200)
    }

    @Test func `a room that closes gives back what it kept in memory`() {
        let world = EngineWorld()
        world.visit("/topic/a")
        world.fill("/topic/a", ["one", "two"])
        #expect(world.community.rooms.heldBytes > 0)
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
        #expect(world.community.rooms.heldBytes == 0)
    }
}
