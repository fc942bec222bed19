import Engine
import TestSupport
import Testing

/// Who is in a room, as those who listen to its events are told.
struct PresenceTests {
    private let joined = "7 presence/joined"
    private let left = "7 presence/left"

    /// Somebody who listens to the events of a room and has no part in it.
    private func observer(in world: EngineWorld) -> EngineClient {
        let observer = world.client(1)
        observer.subscribe("e", to: "/events/a")
        world.run()
        return observer
    }

    /// User 7, in the room.
    private func member(
        on loop: Int = 0, in world: EngineWorld, id: String = "s"
    ) -> EngineClient {
        let member = world.client(7, on: loop)
        member.subscribe(id, to: "/chat/a")
        world.run()
        return member
    }

    private func leave(_ client: EngineClient, in world: EngineWorld) {
        client.ask { $0.end() }
        world.run()
    }

    @Test func `a user is there once, however many subscriptions on however many loops`() {
        let world = EngineWorld(loopCount: 3)
        let observer = observer(in: world)
        let devices = (0..<3).map { member(on: $0, in: world) }
        devices[0].subscribe("again", to: "/chat/a")
        world.run()
        #expect(observer.events(of: "e") == [joined])
        for device in devices { leave(device, in: world) }
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined, left])
    }

    @Test func `who leaves is there for the grace, and gone once after it`() {
        let world = EngineWorld()
        let observer = observer(in: world)
        let member = member(in: world)
        member.ask { $0.unsubscribe("s", receipt: nil) }
        world.simulator.run(forMs: 4_999)
        #expect(observer.events(of: "e") == [joined])
        world.simulator.run(forMs: 1)
        #expect(observer.events(of: "e") == [joined, left])
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined, left])
    }

    @Test func `a reload shows to nobody`() {
        let world = EngineWorld(loopCount: 2)
        let observer = observer(in: world)
        var device = member(in: world)
        for round in 0..<5 {
            leave(device, in: world)
            world.simulator.run(forMs: 4_900)
            device = member(on: round % 2, in: world)
            world.simulator.run(forMs: 300)
        }
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined])
    }

    @Test func `who is sent out of a room is gone at once`() {
        let world = EngineWorld(asksRegister: true)
        let observer = observer(in: world)
        let member = member(in: world)
        member.subscribe("errors", to: "/errors")
        world.run()
        world.register.set("/chat/a", open: false, to: UserID(7))
        member.ask { $0.verifyAnew() }
        world.run()
        #expect(observer.events(of: "e") == [joined, left])
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined, left])
    }

    @Test func `a room that somebody may come back to does not close`() {
        let world = EngineWorld(presenceGraceMs: 100_000)
        let observer = observer(in: world)
        leave(member(in: world), in: world)
        world.simulator.run(forMs: 90_000)
        #expect(world.community.rooms.count == 2)
        #expect(observer.events(of: "e") == [joined])
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined, left])
        #expect(world.community.rooms.count == 1)
    }

    @Test func `who comes again after the room has closed is there again`() {
        let world = EngineWorld()
        let observer = observer(in: world)
        leave(member(in: world), in: world)
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 1)
        _ = member(in: world)
        #expect(observer.events(of: "e") == [joined, left, joined])
    }

    @Test func `who is sent away to resume was never gone, and who does not come back is`() {
        let world = EngineWorld()
        let observer = observer(in: world)
        let (returning, lost) = (member(in: world), world.client(8))
        lost.subscribe("s", to: "/chat/a")
        world.run()
        // The room's stream begins a new life. The observer's is another, the first attachment.
        world.broker.announce(["other"], from: 1, epoch: Epoch(rawValue: 8), to: 1)
        world.run()
        #expect(returning.transcript == ["interrupted"])
        #expect(lost.transcript == ["interrupted"])
        _ = member(in: world)
        world.simulator.run(forMs: 60_000)
        #expect(
            observer.events(of: "e") == [joined, "8 presence/joined", "8 presence/left"])
    }

    @Test func `what happens in an outage shows once it is over`() {
        let world = EngineWorld()
        let observer = observer(in: world)
        let member = member(in: world)
        world.broker.failing = .unavailable("told to")
        leave(member, in: world)
        world.simulator.run(forMs: 60_000)
        #expect(observer.events(of: "e") == [joined])
        world.broker.failing = nil
        world.run()
        #expect(observer.events(of: "e") == [joined, left])
    }

    @Test func `rooms without events know nobody`() {
        let world = EngineWorld()
        let member = world.client(7)
        member.subscribe("s", to: "/topic/a")
        world.run()
        leave(member, in: world)
        world.simulator.run(forMs: 60_000)
        #expect(world.community.rooms.count == 0)
    }

    @Test func `lost events send nobody away: positions jump`() {
        let world = EngineWorld()
        let observer = observer(in: world)
        _ = member(in: world)
        world.broker.dropsAnnouncements = true
        for user in [8, 9] as [Int64] { world.client(user).subscribe("s", to: "/chat/a") }
        world.run()
        world.broker.dropsAnnouncements = false
        world.client(10).subscribe("s", to: "/chat/a")
        world.run()
        #expect(observer.events(of: "e") == [joined, "10 presence/joined"])
        #expect(observer.offsets(of: "e") == [1, 4])
        #expect(!observer.transcript.contains("interrupted"))
        // What was lost is not made up.
        let late = world.client(2)
        late.subscribe(
            "e", to: "/events/a", from: .after(Position(epoch: Epoch(rawValue: 8), offset: 1)),
            receipt: "r")
        world.run()
        #expect(late.transcript == ["replay e 4", "subscribed r at 8:4, gap"])
    }

    @Test(arguments: UInt64(0)..<60)
    func `whatever the order, the events tell who is there`(seed: UInt64) {
        let world = EngineWorld(seed: seed, loopCount: 3)
        let observer = observer(in: world)
        var devices: [(user: Int64, client: EngineClient)] = []
        // Whoever has left still asks for it.
        var all: [EngineClient] = []
        for _ in 0..<60 {
            switch Int.random(in: 0..<4, using: &world.simulator.random) {
            case 0:
                let user = Int64.random(in: 2...5, using: &world.simulator.random)
                let loop = Int.random(in: 0..<3, using: &world.simulator.random)
                let client = world.client(user, on: loop)
                client.subscribe("s", to: "/chat/a")
                devices.append((user, client))
                all.append(client)
            case 1:
                guard let place = devices.indices.randomElement(using: &world.simulator.random)
                else { continue }
                devices.remove(at: place).client.ask { $0.end() }
            case 2:
                world.simulator.clock.advance(byMs: 2_000)
            default:
                for _ in 0..<5 { world.simulator.step() }
            }
        }
        world.simulator.run(forMs: 60_000)
        var present: Set<String> = []
        for event in observer.events(of: "e") {
            let parts = event.split(separator: " ").map(String.init)
            if parts[1] == "presence/joined" {
                #expect(present.insert(parts[0]).inserted, "seed \(seed)")
            } else {
                #expect(present.remove(parts[0]) != nil, "seed \(seed)")
            }
        }
        #expect(present == Set(devices.map { "\($0.user)" }), "seed \(seed)")
        withExtendedLifetime(all) {}
    }
}
