import Engine
import TestSupport
import Testing

@testable import App

/// Looks at a room of which user 1 is the owner, and 2 to 5 are members.
struct MessageNoticesTests {
    private let store = InMemoryStore(now: { 1_000 })
    private let world: StreamsInMemory
    private let room: ChatID

    init() async throws {
        world = StreamsInMemory(store: store, now: { 1_000 })
        let chats = OpenChats(
            store: store, authority: AuthorityLog(store: store, now: { 1_000 }),
            streams: world.streams, now: { 1_000 })
        let owner = Identity(user: UserID(1), name: "owner", role: .user)
        let chat = try await chats.create(title: "walks", content: "", owner: owner, key: nil)
        room = ChatID(.open, chat.id)
        for user in 2...5 { try await chats.join(chat.id, UserID(Int64(user))) }
    }

    private func say(_ count: Int = 1, by user: Int64) async {
        for _ in 0..<count {
            let draft = Draft(
                sender: UserID(user), senderName: "", contentType: "text/plain", body: [1],
                timestampMs: 1_000)
            await withCheckedContinuation { continuation in
                world.broker.append(draft, to: room.messages, keeping: Retention(countMax: 100)) {
                    _ in continuation.resume()
                }
            }
        }
    }

    private func told(_ user: Int64) async throws -> App.Notification? {
        try await store.notifications([.messages(in: room, to: UserID(user))])[0]?.notification
    }

    private func read(_ offset: UInt64, by user: Int64) async throws {
        let top = try await world.broker.tops(
            of: [room.messages], keeping: Retention(countMax: 100))[0]
        try await world.cursors.store(
            ReadMark(
                room: room, user: UserID(user), name: "",
                position: Position(epoch: top.epoch, offset: offset)))
    }

    @Test func `every member but the one who said it is told, once`() async throws {
        await say(2, by: 1)
        let first = try await world.notices.tell(membersOf: room)
        #expect(first?.position.offset == 2 && first?.hasSparedSome == false)
        #expect(try await told(1) == nil)
        for user in 2...5 {
            let notification = try #require(try await told(Int64(user)))
            #expect(notification.count == 2 && !notification.isRead)
            #expect(notification.actorId == 1 && notification.subject.title == "walks")
        }
        let commits = store.commitCount
        _ = try await world.notices.tell(membersOf: room)
        #expect(store.commitCount == commits)
    }

    @Test func `who is in the room is not told, and the room is not settled by that`() async throws
    {
        world.broker.enter(Member(user: UserID(2), name: "two"), room.events)
        await say(by: 1)
        let outcome = try await world.notices.tell(membersOf: room)
        #expect(outcome?.hasSparedSome == true)
        #expect(try await told(2) == nil)
        #expect(try await told(3) != nil)
    }

    @Test func `who was told and comes in has read it`() async throws {
        await say(by: 1)
        _ = try await world.notices.tell(membersOf: room)
        world.broker.enter(Member(user: UserID(2), name: "two"), room.events)
        _ = try await world.notices.tell(membersOf: room)
        #expect(try await told(2)?.isRead == true)
        #expect(try await told(3)?.isRead == false)
    }

    @Test func `reading the room reads the notification in the same commit`() async throws {
        await say(3, by: 1)
        _ = try await world.notices.tell(membersOf: room)
        try await read(2, by: 2)
        #expect(try await told(2)?.count == 1)
        try await read(3, by: 2)
        #expect(try await told(2)?.isRead == true)
        #expect(try await store.count(of: NotificationRecords.unread(of: UserID(2)), in: .all) == 0)
        // Everybody else's stay as they are.
        #expect(try await told(3)?.count == 3)
    }

    @Test func `one notification of a room is raised again and again`() async throws {
        await say(by: 1)
        _ = try await world.notices.tell(membersOf: room)
        let first = try #require(try await told(2))
        try await read(1, by: 2)
        await say(2, by: 3)
        _ = try await world.notices.tell(membersOf: room)
        let second = try #require(try await told(2))
        #expect(second.id == first.id && second.count == 2 && !second.isRead)
        #expect(second.actorId == 3)
        #expect(try await store.count(of: NotificationRecords.all(of: UserID(2)), in: .all) == 1)
    }

    @Test func `what was taken away is not told again, and what is said next is another`()
        async throws
    {
        await say(by: 1)
        _ = try await world.notices.tell(membersOf: room)
        let notifications = NotificationsInMemory(store: store, broker: world.broker).notifications
        let first = try #require(try await told(2))
        try await notifications.delete(first.id, by: UserID(2), key: nil)
        _ = try await world.notices.tell(membersOf: room)
        #expect(try await store.count(of: NotificationRecords.all(of: UserID(2)), in: .all) == 0)
        await say(by: 1)
        _ = try await world.notices.tell(membersOf: room)
        let second = try #require(try await told(2))
        #expect(second.id != first.id && second.count == 2 && !second.isDeleted)
        #expect(try await store.notification(second.id) != nil)
        #expect(try await store.notification(first.id) == nil)
    }

    @Test func `who reads while others are told ends with nothing unread`() async throws {
        // Cursors and notifications are changed at the same time, again and again.
        for round in 1...40 {
            await say(by: 1)
            async let looking = world.notices.tell(membersOf: room)
            async let reading: Void = read(UInt64(round), by: 2)
            _ = try await looking
            try await reading
            #expect(try await told(2)?.isRead ?? true)
        }
    }

    @Test func `there is nothing to be told of a room that is gone`() async throws {
        #expect(try await world.notices.tell(membersOf: ChatID(.open, 99)) == nil)
        #expect(try await world.notices.tell(membersOf: ChatID(.trade, 99)) == nil)
    }
}
