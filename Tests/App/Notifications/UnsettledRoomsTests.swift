import Engine
import TestSupport
import Testing

@testable import App

/// Looks for a room in which a node said something, and ended.
struct UnsettledRoomsTests {
    private static let dayMs: Int64 = 24 * 60 * 60 * 1_000

    private let clock = ManualClock()
    private let store: InMemoryStore
    private let world: StreamsInMemory
    private let ticks = ManualSteps()
    private let unsettled: UnsettledRooms
    private let room: ChatID

    init() async throws {
        let clock = clock
        let now: @Sendable () -> Int64 = { clock.nowMs }
        store = InMemoryStore(now: now)
        world = StreamsInMemory(store: store, now: now)
        let notifications = NotificationsInMemory(store: store, broker: world.broker, now: now)
        let ticks = ticks
        let board = MessageNoticeBoard(
            world.notices, notifications.notifications, graceMs: 0, now: now
        ) { _, step in ticks.schedule(step) }
        unsettled = UnsettledRooms(
            store: store, broker: world.broker, board: board, keeping: Retention(countMax: 100),
            now: now)
        let chats = OpenChats(
            store: store, authority: AuthorityLog(store: store, now: now), streams: world.streams,
            now: now)
        let owner = Identity(user: UserID(1), name: "owner", role: .user)
        room = ChatID(
            .open, try await chats.create(title: "a", content: "", owner: owner, key: nil).id)
    }

    private func say() async {
        let draft = Draft(
            sender: UserID(2), senderName: "", contentType: "text/plain", body: [1],
            timestampMs: clock.nowMs)
        await withCheckedContinuation { continuation in
            world.broker.append(draft, to: room.messages, keeping: Retention(countMax: 100)) { _ in
                continuation.resume()
            }
        }
    }

    private func top() async throws -> Position {
        let top = try await world.broker.tops(
            of: [room.messages], keeping: Retention(countMax: 100))[0]
        return Position(epoch: top.epoch, offset: top.top)
    }

    private func sweepAll() async throws {
        while try await unsettled.sweep() {}
    }

    @Test func `a node that begins looks at all rooms that are not settled`() async throws {
        await say()
        try await sweepAll()
        #expect(ticks.count == 1)
    }

    @Test func `a room where all was told is left alone`() async throws {
        await say()
        try await UnsettledRooms.settle(room, at: try await top(), in: store)
        try await sweepAll()
        #expect(ticks.count == 0)
    }

    @Test func `what another node has just been told is left to it for a while`() async throws {
        try await sweepAll()
        await say()
        for _ in 0..<2 { _ = try await unsettled.sweep() }
        #expect(ticks.count == 0)
        clock.advance(byMs: 10_001)
        for _ in 0..<2 { _ = try await unsettled.sweep() }
        #expect(ticks.count == 1)
    }

    @Test func `old messages of a room that nobody was told of are no news`() async throws {
        await say()
        clock.advance(byMs: Self.dayMs + 1)
        try await sweepAll()
        #expect(ticks.count == 0)
        // What follows is.
        await say()
        clock.advance(byMs: Self.dayMs + 1)
        try await sweepAll()
        for _ in 0..<2 { _ = try await unsettled.sweep() }
        #expect(ticks.count == 1)
    }
}
