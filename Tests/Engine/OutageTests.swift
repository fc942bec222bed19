import Engine
import TestSupport
import Testing

struct OutageTests {
    private static let unavailable = "store-unavailable, again in 1000 ms"

    /// A client that hears of refusals and goes on.
    private func listeningClient(in world: EngineWorld) -> EngineClient {
        let client = world.client()
        client.subscribe("e", to: "/errors")
        world.run()
        return client
    }

    @Test func `whoever comes while the log can't be reached is told when to try again`() {
        let world = EngineWorld()
        let client = listeningClient(in: world)
        world.broker.failing = .unavailable("told to")
        client.subscribe("s", to: "/topic/a", receipt: "r")
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run()
        #expect(
            client.transcript == [
                "refused r: \(Self.unavailable), told e",
                "refused p: \(Self.unavailable), told e",
            ])
        world.broker.failing = nil
        client.subscribe("s", to: "/topic/a", receipt: "r")
        client.publish("one", to: "/topic/a")
        world.run()
        #expect(
            client.transcript.suffix(2) == ["subscribed r at 7:0, complete", "s 1"])
    }

    @Test func `a publication that could not be stored is seen by nobody`() {
        let world = EngineWorld()
        let client = listeningClient(in: world)
        client.subscribe("s", to: "/topic/a")
        client.publish("one", to: "/topic/a")
        world.run()
        world.broker.failing = .unavailable("told to")
        client.publish("two", to: "/topic/a", key: "k", receipt: "p")
        world.run()
        world.broker.failing = nil
        client.publish("two", to: "/topic/a", key: "k", receipt: "q")
        world.run()
        #expect(client.publications(of: "s").map(\.text) == ["one", "two"])
        #expect(client.transcript.contains("refused p: \(Self.unavailable), told e"))
        #expect(client.published["q"]?.position.offset == 2)
    }

    @Test func `more than the broker can take is refused as too fast`() {
        let world = EngineWorld()
        let client = listeningClient(in: world)
        world.broker.failing = .overloaded
        client.publish("one", to: "/topic/a", receipt: "p")
        world.run()
        #expect(client.transcript == ["refused p: too-fast, again in 500 ms, told e"])
    }

    @Test func `a resume whose history can't be read is refused, and can be tried again`() {
        let world = EngineWorld()
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        let client = listeningClient(in: world)
        world.broker.failing = .unavailable("told to")
        client.subscribe("s", to: "/topic/a", from: .last(600), receipt: "r")
        world.run()
        #expect(client.transcript == ["refused r: \(Self.unavailable), told e"])
        world.broker.failing = nil
        client.subscribe("s", to: "/topic/a", from: .last(600), receipt: "r")
        world.run()
        #expect(client.offsets(of: "s") == Array(1...600))
    }

    @Test func `a room that never came to life is forgotten`() {
        let world = EngineWorld()
        let client = listeningClient(in: world)
        world.broker.failing = .unavailable("told to")
        for number in 0..<10 { client.publish("one", to: "/topic/\(number)") }
        world.run()
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
    }
}
