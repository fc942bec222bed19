import Engine
import TestSupport
import Testing

@testable import App

struct NotificationsTests {
    private let clock = ManualClock()
    private let world: NotificationsInMemory
    private let articles: Articles
    private let author = Identity(user: UserID(1), name: "author", role: .user)
    private let reader = Identity(user: UserID(2), name: "reader", role: .user)

    init() {
        let clock = clock
        world = NotificationsInMemory(now: { clock.nowMs })
        articles = Articles(
            store: world.store, notifications: world.notifications, now: { clock.nowMs })
    }

    private func makePost() async throws -> Int64 {
        let text = ArticleText(title: "walks", content: "who?")
        return try await articles.create(.post, text, by: author, key: nil).id
    }

    private func list(
        of user: Identity, unreadOnly: Bool = false
    ) async throws -> (views: [NotificationView], total: Int, unread: Int) {
        try await world.notifications.list(
            of: user.user, unreadOnly: unreadOnly, skip: 0, limit: 100, oldestFirst: true)
    }

    /// What the stream of somebody's notifications has, once nothing is under way.
    private func published(to user: Identity) async throws -> [String] {
        await world.publisher.settle()
        let route = Destinations.notifications(of: user.user)
        let page = try await world.broker.read(
            route.stream, after: 0, limit: 100, keeping: route.policy.retention)
        return page.publications.map { String(decoding: $0.body, as: UTF8.self) }
    }

    private func outboxCount() async throws -> Int {
        try await world.store.count(of: NotificationOutbox.index, in: .all)
    }

    @Test func `a comment and its notification are one commit`() async throws {
        let post = try await makePost()
        world.broker.failing = .unavailable("no log")
        let before = world.store.commitCount
        _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
        #expect(world.store.commitCount == before + 1)
        let (views, _, unread) = try await list(of: author)
        #expect(views.map(\.type) == ["COMMENT"] && unread == 1)
        #expect(try await outboxCount() == 1)
    }

    @Test func `nobody is told of what they did themselves`() async throws {
        let post = try await makePost()
        _ = try await articles.comment(on: .post, post, "me, too", by: author, key: nil)
        #expect(try await list(of: author).total == 0)
    }

    @Test func `what was taken back is told no more`() async throws {
        let post = try await makePost()
        let comment = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
        try await articles.like(.post, post, by: reader, key: nil)
        try await articles.deleteComment(on: .post, post, comment.id, by: reader, key: nil)
        try await articles.unlike(.post, post, by: reader, key: nil)
        #expect(try await list(of: author).total == 0)
        let ends = try await published(to: author).suffix(2)
        #expect(ends.allSatisfy { $0.contains(#""deleted":true"#) })
        try await articles.like(.post, post, by: reader, key: nil)
        #expect(try await list(of: author).views.map(\.type) == ["LIKE"])
    }

    @Test func `what is published is what the list shows`() async throws {
        let post = try await makePost()
        _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
        let views = try await list(of: author).views
        let bodies = views.map { String(decoding: StoredValue.encode($0), as: UTF8.self) }
        #expect(try await published(to: author) == bodies)
        #expect(try await outboxCount() == 0)
    }

    @Test func `what a node left behind is published by another, once`() async throws {
        let post = try await makePost()
        world.broker.failing = .unavailable("no log")
        _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
        await world.publisher.settle()
        world.broker.failing = nil
        let elsewhere = NotificationsInMemory(
            store: world.store, broker: world.broker, now: { [clock] in clock.nowMs })
        _ = try await elsewhere.publisher.sweep()
        #expect(try await published(to: author) == [], "it is too young to be left over")
        clock.advance(byMs: NotificationPublisher.patienceMs + 1)
        for node in [world, elsewhere] { _ = try await node.publisher.sweep() }
        #expect(try await published(to: author).count == 1)
        #expect(try await outboxCount() == 0)
    }

    @Test func `a crash between publishing and taking note of it publishes nothing twice`()
        async throws
    {
        let post = try await makePost()
        _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
        let entry = try #require(
            try await world.store.notifications([.comment(1, on: .post)])[0].map {
                NotificationOutbox.Item($0.notification, version: 1).insertion(nowMs: 0)
            })
        await world.publisher.settle()
        try await world.store.commit([entry])
        clock.advance(byMs: NotificationPublisher.patienceMs + 1)
        _ = try await world.publisher.sweep()
        #expect(try await published(to: author).count == 1)
        #expect(try await outboxCount() == 0)
    }

    @Test func `reading, reading all and deleting are published, and others may do none of it`()
        async throws
    {
        let post = try await makePost()
        for _ in 0..<3 {
            _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
            await world.publisher.settle()
            clock.advance(byMs: 1)
        }
        let ids = try await list(of: author).views.map(\.id)
        await #expect(throws: NotificationError.noSuchNotification) {
            try await world.notifications.markRead(ids[0], by: reader.user)
        }
        await #expect(throws: NotificationError.noSuchNotification) {
            try await world.notifications.delete(ids[0], by: reader.user, key: nil)
        }
        try await world.notifications.markRead(ids[0], by: author.user)
        #expect(try await list(of: author, unreadOnly: true).views.map(\.id) == Array(ids[1...]))
        try await world.notifications.markAllRead(by: author.user, key: nil)
        #expect(try await list(of: author).unread == 0)
        await world.publisher.settle()
        try await world.notifications.delete(ids[1], by: author.user, key: nil)
        let bodies = try await published(to: author)
        #expect(bodies.filter { $0.contains(#""isRead":true"#) }.count == 3)
        #expect(bodies.last == #"{"deleted":true,"id":\#(ids[1])}"#)
        #expect(try await list(of: author).views.map(\.id) == [ids[0], ids[2]])
    }

    @Test func `reading all by the same key reads nothing that came later`() async throws {
        let post = try await makePost()
        let key = try #require(IdempotencyKey("k"))
        _ = try await articles.comment(on: .post, post, "one", by: reader, key: nil)
        try await world.notifications.markAllRead(by: author.user, key: key)
        _ = try await articles.comment(on: .post, post, "two", by: reader, key: nil)
        try await world.notifications.markAllRead(by: author.user, key: key)
        #expect(try await list(of: author).unread == 1)
    }

    @Test func `the newest thousand are kept, for ninety days`() async throws {
        let post = try await makePost()
        for _ in 0..<NotificationRetention.countMax + 5 {
            _ = try await articles.comment(on: .post, post, "me!", by: reader, key: nil)
            clock.advance(byMs: 1)
        }
        await world.publisher.settle()
        #expect(try await list(of: author).total == NotificationRetention.countMax)
        #expect(try await list(of: author).unread == NotificationRetention.countMax)
        #expect(try await world.store.notification(1) == nil)
        clock.advance(byMs: NotificationRetention.ageMaxMs - 500)
        while try await world.retention.removeOld() {}
        #expect(try await list(of: author).total == 500)
        clock.advance(byMs: 1_000)
        while try await world.retention.removeOld() {}
        #expect(try await list(of: author).total == 0)
    }

    @Test func `a seller is told of a buyer's room`() async throws {
        let text = ArticleText(
            title: "a lead", content: "red", category: .item, price: 1, address: "")
        let trade = try await articles.create(.trade, text, by: author, key: nil)
        let chats = TradeChats(
            store: world.store, articles: articles, notifications: world.notifications,
            authority: AuthorityLog(store: world.store, now: { 0 }),
            streams: StreamsInMemory(store: world.store, now: { 0 }).streams, now: { 0 })
        let chat = try await chats.open(trade.id, by: reader).chat
        _ = try await chats.open(trade.id, by: reader)
        let views = try await list(of: author).views
        #expect(views.map(\.type) == ["PURCHASE"])
        #expect(views[0].url == "/tradechat/\(chat.id)" && views[0].subject.title == "a lead")
    }
}
