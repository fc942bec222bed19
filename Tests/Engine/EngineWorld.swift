import Engine
import TestSupport

/// One node of the engine on manual loops, with a broker in memory.
struct EngineWorld {
    let simulator: Simulator
    let broker: FaultyBroker
    let store: InMemoryStore
    let outlets: [RecordingOutlet]
    let community: Community
    private let directory: OpenDirectory
    /// Who is who, and who may be where, in a world that asks it.
    let register: Register

    /// In a world that `asksRegister`, answers about people take their time; elsewhere everybody may
    /// everything, at once. One `over` an earlier world goes on with its store, and with its log unless
    /// that was lost to another `epoch`.
    init(
        seed: UInt64 = 0, loopCount: Int = 1, over earlier: EngineWorld? = nil,
        epoch: UInt64? = nil,
        policy: RoomPolicy = RoomPolicy(retention: Retention(countMax: 10_000)),
        limits: SessionLimits = SessionLimits(), roomsMax: Int = .max, recentBytesMax: Int = .max,
        commands: [String: Command] = [:], asksRegister: Bool = false,
        losesAnnouncements: Bool = false, presenceGraceMs: Int64 = 5_000
    ) {
        let simulator = earlier?.simulator ?? Simulator(seed: seed, loopCount: loopCount)
        let clock = simulator.clock
        self.simulator = simulator
        let fresh = FaultyBroker(
            InMemoryBroker(
                epoch: Epoch(rawValue: epoch ?? 7), now: { clock.nowMs },
                schedule: simulator.steps.schedule),
            losesAnnouncements: losesAnnouncements, answering: simulator.steps.schedule)
        broker = epoch == nil ? earlier?.broker ?? fresh : fresh
        store =
            earlier?.store
            ?? InMemoryStore(now: { clock.nowMs }, schedule: simulator.steps.schedule)
        outlets = simulator.loops.enumerated().map { RecordingOutlet(index: $0, loop: $1) }
        directory = OpenDirectory(policy, commands: commands)
        register = Register(answering: simulator.steps.schedule)
        community = Community(
            rooms: Rooms(
                broker: broker, outlets: outlets, roomsMax: roomsMax,
                recentBytesMax: recentBytesMax,
                presenceGraceMs: presenceGraceMs, now: { clock.nowMs }),
            directory: asksRegister ? register : directory,
            authenticator: asksRegister ? register : WordAuthenticator("word"), store: store,
            limits: limits, now: { clock.nowMs })
    }

    /// The node after a crash: another one over the same store and log, or with a new log of another
    /// epoch. What the first one had in memory does no more, as long as time stands still.
    func restarted(losingLogTo epoch: UInt64? = nil) -> EngineWorld {
        EngineWorld(over: self, epoch: epoch)
    }

    /// A client on a loop.
    func client(_ user: Int64 = 1, on loop: Int = 0) -> EngineClient {
        EngineClient(user, outlet: outlets[loop], community: community)
    }

    /// Runs until nothing is left but timers that are not due.
    func run(_ place: Simulator.Place = .everywhere) {
        simulator.run(place)
    }

    /// Publishes so many messages to a topic, and runs until they are stored.
    func fill(_ topic: String, _ texts: [String]) {
        let client = client(99)
        for text in texts { client.publish(text, to: topic) }
        run()
        client.ask { $0.end() }
        run()
    }

    /// Lets somebody subscribe and go again: the room follows its stream until it closes.
    func visit(_ topic: String) {
        let client = client(98)
        client.subscribe("s", to: topic)
        run()
        client.ask { $0.end() }
        run()
    }

    /// The room of a destination; opened where it wasn't.
    func room(_ destination: String) -> Room {
        guard let policy = directory.policy(of: destination) else {
            preconditionFailure("\(destination) is no room")
        }
        do {
            return try community.rooms.room(
                named: StreamName(String(destination.dropFirst())), policy: policy)
        } catch {
            preconditionFailure("a test's rooms have no bound")
        }
    }

    /// Connections that no subscription is left of, in any outlet.
    var memberCount: Int { outlets.reduce(0) { $0 + $1.memberCount } }
}
