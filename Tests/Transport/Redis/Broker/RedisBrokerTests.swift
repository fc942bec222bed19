import Engine
import TestSupport
import Testing

@testable import Transport

/// Nodes that share the streams of a real server, and what becomes of them under faults.
struct RedisBrokerTests {
    private let room = StreamName("chat/1")
    private let events = StreamName("events/1")
    private let mina = Member(user: UserID(7), name: "Mina")
    private let otto = Member(user: UserID(3), name: "Otto")

    @Test func `all nodes hear one order, whoever appends`() async throws {
        try await withNodes { _, first, second in
            let (here, there) = (RecordingListener(), RecordingListener())
            _ = try await first.broker.attach(here, to: room, keeping: .some)
            _ = try await second.broker.attach(there, to: room, keeping: .some)
            for number in 0..<200 {
                for node in [first, second] {
                    node.broker.append(Draft("\(number)"), to: room, keeping: .some) { _ in }
                }
            }
            await here.hears(400)
            await there.hears(400)
            #expect(here.offsets == Array(1...400))
            #expect(there.offsets == Array(1...400))
            #expect(here.publications.map(\.body) == there.publications.map(\.body))
        }
    }

    @Test func `what a node missed while it could not hear shows as a gap, and can be read`()
        async throws
    {
        try await withNodes { server, first, second in
            let listener = RecordingListener()
            _ = try await first.broker.attach(listener, to: room, keeping: .some)
            _ = try await second.broker.append(Draft("one"), to: room)
            await listener.hears(1)
            // In one transaction, so that nobody hears the message in it.
            let entry = String(decoding: RedisEntry.encode(Draft("two")), as: UTF8.self)
            await second.world.sendTogether([
                ["MULTI"],
                ["CLIENT", "KILL", "TYPE", "pubsub"],
                ["XADD", "test:log:{chat/1}", "0-*", "e", entry],
                ["EXEC"],
            ])
            await first.world.news.openedAgain()
            await second.world.news.openedAgain()
            _ = try await second.broker.append(Draft("three"), to: room)
            await listener.hears(2)
            #expect(listener.offsets == [1, 3])
            let page = try await first.broker.read(room, after: 1, limit: 9, keeping: .some)
            #expect(page.publications.map(\.offset) == [2, 3])
            // The node's own append doesn't wait for what it missed.
            #expect(try await first.broker.append(Draft("four"), to: room).position.offset == 4)
            #expect(listener.offsets == [1, 3, 4])
        }
    }

    @Test func `pages show where somebody deleted entries by hand`() async throws {
        try await withNodes { _, first, second in
            for number in 1...6 {
                _ = try await first.broker.append(Draft("\(number)"), to: room)
            }
            await second.world.send("XDEL", "test:log:{chat/1}", "0-3", "0-4")
            let before = try await first.broker.read(room, after: 0, limit: 9, keeping: .some)
            #expect(before.publications.map(\.offset) == [1, 2])
            #expect(before.floor == 1)
            let behind = try await first.broker.read(room, after: 2, limit: 9, keeping: .some)
            #expect(behind.publications.map(\.offset) == [5, 6])
            #expect(behind.publications.map(\.body) == ["5", "6"].map { Array($0.utf8) })
            #expect(behind.floor == 5)
        }
    }

    @Test func `a lost data set begins another life, and all who hear of it know`() async throws {
        try await withNodes { server, first, second in
            let listener = RecordingListener()
            let before = try await first.broker.attach(listener, to: room, keeping: .some).epoch
            first.broker.enter(mina, events)
            let earlier = try await first.broker.attendance(of: events)
            await second.world.send("FLUSHALL")
            await first.world.news.openedAgain()
            await second.world.news.openedAgain()
            let position = try await second.broker.append(Draft("one"), to: room).position
            #expect(position.epoch != before)
            #expect(position.offset == 1)
            await listener.hears(1)
            #expect(listener.epochs == [position.epoch])
            let later = try await first.broker.attendance(of: events)
            #expect(later.members == [mina])
            #expect(later.position.epoch != earlier.position.epoch)
        }
    }

    @Test func `a server that forgot the scripts is told them again`() async throws {
        try await withNodes { _, first, second in
            _ = try await first.broker.append(Draft("one"), to: room)
            await second.world.send("SCRIPT", "FLUSH", "SYNC")
            #expect(try await first.broker.append(Draft("two"), to: room).position.offset == 2)
        }
    }

    @Test func `a member is there until the last node takes it back`() async throws {
        try await withNodes { _, first, second in
            let listener = RecordingListener()
            _ = try await second.broker.attach(listener, to: events, keeping: .nothing)
            first.broker.enter(mina, events)
            _ = try await first.broker.attendance(of: events)
            second.broker.enter(mina, events)
            _ = try await second.broker.attendance(of: events)
            first.broker.leave(mina.user, events)
            #expect(try await first.broker.attendance(of: events).members == [mina])
            await second.broker.close()
            await listener.hears(2)
            #expect(listener.publications.map(\.contentType) == Self.comingAndGoing)
            #expect(try await first.broker.attendance(of: events).members == [])
        }
    }

    @Test func `a node that is gone without a word leaves within ten seconds, each member once`()
        async throws
    {
        try await withNodes { _, first, second in
            let listener = RecordingListener()
            _ = try await second.broker.attach(listener, to: events, keeping: .nothing)
            first.broker.enter(mina, events)
            first.broker.enter(otto, events)
            second.broker.enter(otto, events)
            _ = try await first.broker.attendance(of: events)
            let begun = ContinuousClock.now
            await first.world.servers.close()
            await listener.hears(3)
            #expect(ContinuousClock.now - begun < .seconds(10))
            let left = listener.publications.filter { $0.contentType == "presence/left" }
            #expect(left.map(\.sender) == [mina.user])
            #expect(try await second.broker.attendance(of: events).members == [otto])
        }
    }

    @Test func `nobody seems to leave when every lease is over and every link is cut`()
        async throws
    {
        try await withNodes { _, first, second in
            let listener = RecordingListener()
            _ = try await second.broker.attach(listener, to: events, keeping: .nothing)
            first.broker.enter(mina, events)
            second.broker.enter(otto, events)
            _ = try await first.broker.attendance(of: events)
            _ = try await second.broker.attendance(of: events)
            // As after a time in which the server did nothing.
            let claimants = await second.world.send("ZRANGE", "test:claimants", "0", "-1")
            let ids = try #require(claimants.get().elements).map { try #require($0.text) }
            // In one go: a node that renews in between would end the other one's lease, and rightly.
            await second.world.sendTogether(
                ids.map { ["ZADD", "test:claimants", "1", $0] } + [
                    ["CLIENT", "KILL", "TYPE", "pubsub"],
                    ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"],
                ])
            await first.world.news.openedAgain()
            await second.world.news.openedAgain()
            for node in [first, second] {
                let attendance = try await node.broker.attendance(of: events)
                #expect(attendance.members == [otto, mina])
                #expect(attendance.position.offset == 2)
            }
            #expect(listener.publications.allSatisfy { $0.contentType == "presence/joined" })
        }
    }

    @Test func `a node that ends while its claims are on their way leaves nobody behind`()
        async throws
    {
        try await withNodes { _, first, second in
            let claimant = RedisClaimant(
                over: second.world.link, keys: RedisStreamKeys(prefix: "test:"),
                now: SystemClock.wallMs)
            claimant.begin()
            await withCheckedContinuation { continuation in
                // In one turn, so that no claim is answered before the end.
                claimant.enter { [mina, room] claimant in
                    claimant.claim(mina, room, atMs: 1)
                    claimant.quit { continuation.resume() }
                }
            }
            let left = await first.world.send("HLEN", "test:names:{chat/1}").success
            #expect(left == .integer(0))
        }
    }

    @Test func `a node whose claims were ended while it slept says them again`() async throws {
        try await withNodes { _, first, second in
            let listener = RecordingListener()
            _ = try await second.broker.attach(listener, to: events, keeping: .nothing)
            first.broker.enter(mina, events)
            _ = try await first.broker.attendance(of: events)
            let claimants = await second.world.send("ZRANGE", "test:claimants", "0", "-1")
            for id in try #require(claimants.get().elements) {
                let ended = await second.world.run(
                    RedisPresenceScripts.quit, keys: ["test:life"],
                    [Array("test:".utf8), Array("1".utf8), try #require(id.bytes)])
                #expect(ended == .success(.string(Array("DONE".utf8))))
            }
            await listener.hears(3)
            #expect(
                listener.publications.map(\.contentType)
                    == Self.comingAndGoing + ["presence/joined"])
        }
    }

    @Test func `a stream that fell silent long ago is trimmed in steps, and read as empty`()
        async throws
    {
        try await withNodes { _, first, _ in
            let day = Retention(countMax: 100_000, ageMaxMs: 86_400_000)
            for _ in 0..<7_000 {
                first.broker.append(Draft("old"), to: room, keeping: .some) { _ in }
            }
            let page = try await first.broker.read(room, after: 0, limit: 9, keeping: day)
            #expect(page.publications.isEmpty)
            #expect(page.floor == 7_001)
            #expect(page.top == 7_000)
            let length = try await first.world.send("XLEN", "test:log:{chat/1}").get().integer
            #expect(length == 1)
            let next = try await first.broker.append(Draft("next"), to: room, keeping: day)
            #expect(next.position.offset == 7_001)
        }
    }

    @Test func `refuses to read what somebody else wrote`() async throws {
        try await withNodes { _, first, _ in
            await first.world.send("XADD", "test:log:{chat/1}", "0-*", "e", "1 1 0 0\n")
            await first.world.send("XADD", "test:log:{chat/1}", "0-*", "e", "1 1 9 0\nno")
            await #expect(throws: BrokerError.self) {
                try await first.broker.read(room, after: 0, limit: 9, keeping: .some)
            }
        }
    }

    private static let comingAndGoing = ["presence/joined", "presence/left"]

    /// A node's part in the cluster: its broker and its links.
    private struct Node {
        let broker: RedisBroker
        let world: RedisWorld
    }

    private func withNodes(
        _ body: (RedisProcess, Node, Node) async throws -> Void
    ) async throws {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { first in
                try await RedisWorld.with([server.url]) { second in
                    let nodes = [first, second].map { world in
                        Node(
                            broker: RedisBroker(world.servers, now: SystemClock.wallMs),
                            world: world)
                    }
                    for node in nodes {
                        #expect(await node.world.servers.opened(withinMs: 10_000).failures == [])
                    }
                    try await body(server, nodes[0], nodes[1])
                }
            }
        }
    }
}

extension Retention {
    fileprivate static let some = Retention(countMax: 100_000)
}

extension Draft {
    fileprivate init(_ text: String) {
        self.init(
            sender: UserID(1), senderName: "somebody", contentType: "text/plain",
            body: Array(text.utf8), timestampMs: 1)
    }
}

extension RedisBroker {
    fileprivate func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention = .some
    ) async throws(BrokerError) -> Appended {
        try await withCheckedContinuation { continuation in
            append(draft, to: stream, keeping: retention) { continuation.resume(returning: $0) }
        }.get()
    }
}
