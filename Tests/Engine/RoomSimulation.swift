import Engine
import TestSupport

/// Clients on several loops that come, go, publish and subscribe in one room, in an order that a seed
/// decides, while the broker does what it does to rooms.
final class RoomSimulation {
    /// What goes wrong around the room.
    struct Weather: OptionSet {
        let rawValue: Int
        /// Announcements get lost now and then.
        static let lossy = Weather(rawValue: 1)
        /// The broker can't be reached now and then.
        static let outages = Weather(rawValue: 2)
        /// Time passes, so that the room closes when it is left alone.
        static let time = Weather(rawValue: 4)
    }

    /// A subscription as the simulation asked for it.
    struct Asked {
        let client: EngineClient
        let id: String
        let start: JoinStart
        /// Whether it should last until the end.
        var isKept = true
    }

    private(set) var asked: [Asked] = []
    /// Every text that was sent, with who sent it; the text is also the receipt.
    private(set) var sent: [(text: String, by: EngineClient)] = []
    let world: EngineWorld
    private let weather: Weather
    private var clients: [EngineClient] = []

    private static let topic = "/topic/a"
    private static let clientCount = 6

    init(seed: UInt64, weather: Weather) {
        self.weather = weather
        world = EngineWorld(
            seed: seed, loopCount: 3,
            limits: SessionLimits(subscriptionsPerDestinationMax: 256, unacknowledgedMax: 4))
        clients = (0..<Self.clientCount).map { newClient(on: $0 % 3) }
    }

    /// Runs all of it, and then until everything has come to rest in fair weather.
    func run() {
        for _ in 0..<600 {
            if world.simulator.random.oneIn(4) { act() } else { world.simulator.step() }
        }
        world.broker.dropsAnnouncements = false
        world.broker.failing = nil
        settle()
        // What was lost last shows with what comes next.
        world.fill(Self.topic, ["end"])
        settle()
    }

    /// The whole log, read by somebody who was not there.
    func log() -> [Publication] {
        let reader = newClient(on: 0)
        reader.subscribe("log", to: Self.topic, from: .last(1_000))
        world.run()
        return reader.publications(of: "log")
    }

    /// Lets as much time pass as a room waits at most before it tries again to read what it missed.
    private func settle() {
        for client in clients { client.drain() }
        world.simulator.run(forMs: 1_000)
    }

    private func newClient(on loop: Int) -> EngineClient {
        let client = world.client(Int64(loop), on: loop)
        client.subscribe("errors", to: "/errors")
        return client
    }

    // MARK: What may happen

    private func act() {
        let place = Int.random(in: 0..<clients.count, using: &world.simulator.random)
        let client = clients[place]
        switch Int.random(in: 0..<100, using: &world.simulator.random) {
        case ..<40: publish(client)
        case ..<65: subscribe(client)
        case ..<75: unsubscribe(client)
        case ..<80: replace(place)
        case ..<85: world.outlets[place % 3].setCongested(true, client.endpoint)
        case ..<90: client.drain()
        case ..<93 where weather.contains(.time): world.simulator.clock.advance(byMs: 31_000)
        case ..<96 where weather.contains(.lossy): world.broker.dropsAnnouncements.toggle()
        case ..<98 where weather.contains(.outages):
            world.broker.failing = world.broker.failing == nil ? .unavailable("weather") : nil
        default: break
        }
    }

    private func publish(_ client: EngineClient) {
        let text = "\(sent.count)"
        sent.append((text, client))
        client.publish(text, to: Self.topic, receipt: text)
    }

    private func subscribe(_ client: EngineClient) {
        let id = "s\(asked.count)"
        let start: JoinStart
        switch Int.random(in: 0..<3, using: &world.simulator.random) {
        case 0: start = .live
        case 1: start = .last(Int.random(in: 0..<10, using: &world.simulator.random))
        default:
            // Somewhere up to what somebody has seen.
            let seer = asked.randomElement(using: &world.simulator.random)
            let seen = seer.flatMap { $0.client.offsets(of: $0.id).last } ?? 0
            let offset = UInt64.random(in: 0...seen, using: &world.simulator.random)
            start = .after(Position(epoch: Epoch(rawValue: 7), offset: offset))
        }
        asked.append(Asked(client: client, id: id, start: start))
        client.subscribe(id, to: Self.topic, from: start, receipt: id)
    }

    private func unsubscribe(_ client: EngineClient) {
        guard let place = asked.lastIndex(where: { $0.client === client && $0.isKept }) else {
            return
        }
        asked[place].isKept = false
        let id = asked[place].id
        client.ask { $0.unsubscribe(id, receipt: "end \(id)") }
    }

    private func replace(_ place: Int) {
        let client = clients[place]
        for index in asked.indices where asked[index].client === client {
            asked[index].isKept = false
        }
        client.ask { $0.end() }
        clients[place] = newClient(on: place % 3)
    }
}
