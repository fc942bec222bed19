import Engine
import TestSupport
import Testing

struct ResumeTests {
    private static let epoch = Epoch(rawValue: 7)

    private static func position(_ offset: UInt64) -> JoinStart {
        .after(Position(epoch: epoch, offset: offset))
    }

    /// What a subscription with this start hears in a room that holds offsets 1 to `count`.
    private func subscribing(
        from start: JoinStart, count: Int, in world: EngineWorld = EngineWorld()
    ) -> EngineClient {
        world.fill("/topic/a", (0..<count).map { "\($0)" })
        let client = world.client()
        client.subscribe("s", to: "/topic/a", from: start, receipt: "r")
        world.run()
        return client
    }

    @Test func `a live subscription begins with the next message`() {
        let world = EngineWorld()
        let client = subscribing(from: .live, count: 3, in: world)
        client.publish("new", to: "/topic/a")
        world.run()
        #expect(client.transcript == ["subscribed r at 7:3, complete", "s 4"])
    }

    @Test(arguments: [0, 1, 4])
    func `a position is resumed with everything after it`(offset: UInt64) {
        let client = subscribing(from: Self.position(offset), count: 5)
        let missed = (offset + 1...5).map { " \($0)" }.joined()
        #expect(client.transcript == ["replay s\(missed)", "subscribed r at 7:5, complete"])
    }

    @Test func `the newest position needs no replay`() {
        let client = subscribing(from: Self.position(5), count: 5)
        #expect(client.transcript == ["subscribed r at 7:5, complete"])
    }

    @Test func `a subscription to an empty stream begins at nothing`() {
        let client = subscribing(from: Self.position(0), count: 0)
        #expect(client.transcript == ["subscribed r at 7:0, complete"])
    }

    @Test func `a position of another epoch is reset`() {
        let foreign = Position(epoch: Epoch(rawValue: 8), offset: 2)
        let client = subscribing(from: .after(foreign), count: 5)
        #expect(client.transcript == ["subscribed r at 7:5, reset"])
    }

    @Test(arguments: [6, UInt64.max])
    func `a position that is not there yet is reset`(offset: UInt64) {
        let client = subscribing(from: Self.position(offset), count: 5)
        #expect(client.transcript == ["subscribed r at 7:5, reset"])
    }

    @Test func `a position that history no longer reaches back to gets what is left`() {
        let world = EngineWorld(policy: RoomPolicy(retention: Retention(countMax: 3)))
        world.fill("/topic/a", (0..<10).map { "\($0)" })
        // A room that opens later knows the log from the broker alone.
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
        let client = subscribing(from: Self.position(5), count: 0, in: world)
        #expect(client.transcript == ["replay s 8 9 10", "subscribed r at 7:10, gap"])
    }

    @Test func `a gap is found in a room that was open all the time, too`() {
        let world = EngineWorld(policy: RoomPolicy(retention: Retention(countMax: 300)))
        let client = subscribing(from: Self.position(5), count: 1_000, in: world)
        #expect(client.offsets(of: "s") == Array(701...1_000))
        #expect(client.transcript.last == "subscribed r at 7:1000, gap")
    }

    @Test func `a position whose successors have all aged away is a gap`() {
        let policy = RoomPolicy(retention: Retention(countMax: 100, ageMaxMs: 1_000))
        let world = EngineWorld(policy: policy)
        world.fill("/topic/a", ["one", "two"])
        world.simulator.run(forMs: 120_000)
        let client = subscribing(from: Self.position(1), count: 0, in: world)
        #expect(client.transcript == ["subscribed r at 7:2, gap"])
    }

    @Test(arguments: [(0, []), (2, [4, 5]), (5, [1, 2, 3, 4, 5]), (100, [1, 2, 3, 4, 5])])
    func `history is the newest so many`(count: Int, offsets: [UInt64]) {
        let client = subscribing(from: .last(count), count: 5)
        #expect(client.offsets(of: "s") == offsets)
        #expect(client.transcript.last == "subscribed r at 7:5, complete")
    }

    @Test func `no more history is given than the limit allows`() {
        let world = EngineWorld(limits: SessionLimits(historyMax: 3))
        let client = subscribing(from: .last(1_000), count: 5, in: world)
        #expect(client.offsets(of: "s") == [3, 4, 5])
    }

    @Test func `history that retention has cut short is all there is to ask for`() {
        let world = EngineWorld(policy: RoomPolicy(retention: Retention(countMax: 300)))
        let client = subscribing(from: .last(500), count: 1_000, in: world)
        #expect(client.offsets(of: "s") == Array(701...1_000))
        #expect(client.transcript.last == "subscribed r at 7:1000, complete")
    }

    @Test func `long history comes in pages`() {
        let client = subscribing(from: Self.position(0), count: 1_000)
        #expect(client.offsets(of: "s") == Array(1...1_000))
        #expect(client.transcript.last == "subscribed r at 7:1000, complete")
        #expect(client.transcript.count > 3)
    }

    @Test func `the next page waits until the client has taken the one before`() {
        let world = EngineWorld()
        world.fill("/topic/a", (0..<1_000).map { "\($0)" })
        let client = world.client()
        world.outlets[0].setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: Self.position(0), receipt: "r")
        world.run()
        let first = client.offsets(of: "s")
        #expect(first.count < 1_000)
        world.simulator.run(forMs: 1_000)
        #expect(client.offsets(of: "s") == first)
        client.drain()
        world.run()
        #expect(client.offsets(of: "s") == Array(1...1_000))
        #expect(client.transcript.last == "subscribed r at 7:1000, complete")
    }

    @Test func `what is published between two pages is replayed, not lost`() {
        let world = EngineWorld()
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        let client = world.client()
        world.outlets[0].setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: Self.position(0), receipt: "r")
        world.run()
        world.fill("/topic/a", (600..<1_200).map { "\($0)" })
        client.drain()
        world.run()
        #expect(client.offsets(of: "s") == Array(1...1_200))
    }

    @Test func `a client that pauses longer than its room lives goes on in the next one`() {
        let world = EngineWorld()
        world.fill("/topic/a", (0..<600).map { "\($0)" })
        let client = world.client()
        world.outlets[0].setCongested(true, client.endpoint)
        client.subscribe("s", to: "/topic/a", from: Self.position(0), receipt: "r")
        world.simulator.run(forMs: 120_000)
        #expect(world.community.rooms.count == 0)
        client.drain()
        world.run()
        world.fill("/topic/a", ["new"])
        #expect(client.offsets(of: "s") == Array(1...601))
        client.ask { $0.unsubscribe("s", receipt: "u") }
        world.run()
        #expect(client.transcript.last == "receipt u")
        #expect(world.memberCount == 0)
    }
}
