import Engine
import Synchronization
import TestSupport
import Testing

@testable import App

struct ReadCursorsTests {
    /// Cursors over a store in memory, whose ticks come when the test says so.
    private final class World: Sendable {
        let store: InMemoryStore
        let ticks = ManualSteps()
        let delays = Mutex<[Int64]>([])
        let announced = Mutex<[ReadMark]>([])
        private let made = Mutex<ReadCursors?>(nil)

        init() {
            store = InMemoryStore(now: { 0 })
        }

        var cursors: ReadCursors {
            made.withLock { made in
                if let made { return made }
                let new = another()
                made = new
                return new
            }
        }

        /// Those of another node over the same store.
        func another() -> ReadCursors {
            ReadCursors(
                notifications: NotificationsInMemory(store: store).notifications,
                schedule: { delayMs, work in
                    self.delays.withLock { $0.append(delayMs) }
                    self.ticks.schedule(work)
                },
                announce: { mark in self.announced.withLock { $0.append(mark) } })
        }

        /// Lets the ticks come that are due, and everything of them be done.
        func tick() async {
            ticks.runAll()
            await cursors.stop()
        }

        func stored(_ room: Int64, _ user: Int64) async throws -> String? {
            try await store.records([RecordKey("read", "\(room)/\(user)")])[0].map {
                String(decoding: $0.value, as: UTF8.self)
            }
        }

        var heard: [String] {
            announced.withLock { $0 }.map {
                "\($0.room.number) \($0.user) \($0.name) \($0.position)"
            }
        }
    }

    private static func mark(
        _ offset: UInt64, room: Int64 = 1, user: Int64 = 2, epoch: UInt64 = 7,
        isSeen: Bool = false
    ) -> ReadMark {
        ReadMark(
            room: ChatID(.open, room), user: UserID(user), name: "user \(user)",
            position: Position(epoch: Epoch(rawValue: epoch), offset: offset), isSeen: isSeen)
    }

    @Test func `what is read by the way is stored and announced together`() async throws {
        let world = World()
        for offset in 1...9 { world.cursors.mark(Self.mark(UInt64(offset))) }
        world.cursors.mark(Self.mark(4, room: 3))
        #expect(world.delays.withLock { $0 } == [250])
        #expect(world.store.commitCount == 0)
        await world.tick()
        #expect(world.store.commitCount == 1)
        #expect(try await world.stored(1, 2) == "7:9")
        #expect(try await world.stored(3, 2) == "7:4")
        #expect(Set(world.heard) == ["1 2 user 2 7:9", "3 2 user 2 7:4"])
    }

    @Test func `what others see by a message is stored, and not announced`() async throws {
        let world = World()
        world.cursors.mark(Self.mark(5, isSeen: true))
        await world.tick()
        #expect(try await world.stored(1, 2) == "7:5")
        #expect(world.heard == [])
        world.cursors.mark(Self.mark(6))
        await world.tick()
        #expect(world.heard == ["1 2 user 2 7:6"])
    }

    @Test func `a cursor moves forward only`() async throws {
        let world = World()
        for offset in [5, 3] { world.cursors.mark(Self.mark(UInt64(offset))) }
        await world.tick()
        world.cursors.mark(Self.mark(4))
        await world.tick()
        #expect(try await world.stored(1, 2) == "7:5")
        #expect(world.heard == ["1 2 user 2 7:5"])
        #expect(world.store.commitCount == 1)
    }

    @Test func `a room's new life begins anew`() async throws {
        let world = World()
        world.cursors.mark(Self.mark(5))
        await world.tick()
        world.cursors.mark(Self.mark(1, epoch: 8))
        await world.tick()
        #expect(try await world.stored(1, 2) == "8:1")
    }

    @Test func `what a client says is stored at once, and announced with the next tick`()
        async throws
    {
        let world = World()
        try await world.cursors.store(Self.mark(5))
        #expect(try await world.stored(1, 2) == "7:5")
        #expect(world.heard == [])
        try await world.cursors.store(Self.mark(6))
        await world.tick()
        #expect(world.heard == ["1 2 user 2 7:6"])
    }

    @Test func `two nodes never move a cursor back`() async throws {
        let world = World()
        let (one, other) = (world.cursors, world.another())
        async let first: Void = one.store(Self.mark(5))
        async let second: Void = other.store(Self.mark(8))
        _ = try await (first, second)
        try await one.store(Self.mark(6))
        #expect(try await world.stored(1, 2) == "7:8")
    }

    @Test func `a store that fails is told to who waits, and tried again`() async throws {
        let world = World()
        world.cursors.mark(Self.mark(5, user: 3))
        world.store.failing = .unavailable("full")
        await #expect(throws: Refusal.self) { try await world.cursors.store(Self.mark(5)) }
        world.store.failing = nil
        world.ticks.runAll()
        await world.tick()
        #expect(try await world.stored(1, 2) == "7:5")
        #expect(try await world.stored(1, 3) == "7:5")
    }

    @Test func `positions tell what is not stored yet`() async throws {
        let world = World()
        try await world.cursors.store(Self.mark(5))
        world.cursors.mark(Self.mark(7))
        world.cursors.mark(Self.mark(2, room: 2))
        let positions = try await world.cursors.positions(
            of: UserID(2), in: [1, 2, 3].map { ChatID(.open, $0) })
        #expect(positions.map { $0?.description } == ["7:7", "7:2", nil])
    }

    @Test func `the end stores what is left`() async throws {
        let world = World()
        for user in 1...600 { world.cursors.mark(Self.mark(1, user: Int64(user))) }
        await world.cursors.stop()
        #expect(world.heard.count == 600)
        #expect(try await world.stored(1, 600) == "7:1")
        #expect(world.store.commitCount == 3)
    }

    // MARK: What clients say

    @Test(arguments: [
        ("", "7:9"), ("{}", "7:9"), (#"{"id":4}"#, "7:4"), (#"{"id":99}"#, "7:9"),
        (#"{"position":"7:4"}"#, "7:4"), (#"{"position":"7:99"}"#, "7:9"),
        (#"{"position":"8:4"}"#, nil),
    ])
    func `a client says what it has read`(body: String, position: String?) throws {
        let stream = StreamTop(epoch: Epoch(rawValue: 7), top: 9, floor: 1, newest: nil)
        let request = try ReadRequest(Array(body.utf8))
        #expect(request.position(in: stream)?.description == position)
    }

    @Test(arguments: [
        "x", "[]", #"{"id":-1}"#, #"{"id":"4"}"#, #"{"position":"4"}"#,
        #"{"position":"7:4","id":4}"#,
    ])
    func `what says nothing of the kind is refused`(body: String) {
        #expect(throws: Refusal.self) { try ReadRequest(Array(body.utf8)) }
    }

    // MARK: Unread

    @Test(arguments: [
        (nil, 1, 3, 9), ("7:4", 1, 3, 5), ("7:9", 1, 3, 0), ("7:4", 7, 3, 3), ("8:4", 7, 3, 3),
        (nil, 10, 3, 0), ("7:4", 1, 2, 0),
    ])
    func `unread is what is kept after the cursor, unless one said the last word`(
        read: String?, floor: UInt64, sender: Int64, count: UInt64
    ) {
        let newest = Publication(
            offset: 9, sender: UserID(sender), senderName: "", contentType: "", body: [],
            timestampMs: 0)
        let stream = StreamTop(epoch: Epoch(rawValue: 7), top: 9, floor: floor, newest: newest)
        #expect(
            MyRooms.unreadCount(in: stream, after: read.flatMap { Position($0) }, by: UserID(2))
                == count)
    }
}
