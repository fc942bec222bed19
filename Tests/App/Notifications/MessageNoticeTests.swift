import Engine
import Testing

@testable import App

struct MessageNoticeTests {
    private static func position(_ offset: UInt64, epoch: UInt64 = 7) -> Position {
        Position(epoch: Epoch(rawValue: epoch), offset: offset)
    }

    /// What somebody was told who had `count` unread messages that led to an offset.
    private func known(
        _ count: UInt64, to offset: UInt64, isRead: Bool = false
    ) -> App.Notification {
        App.Notification(
            id: 1, recipientId: 2, type: .message,
            cause: .messages(in: ChatID(.open, 3), to: UserID(2)),
            actorId: 4, subject: NotificationSubject(kind: .openChat, id: 3, title: "walks"),
            isRead: isRead, createdAtMs: 0, count: count,
            countedTo: Self.position(offset).description)
    }

    private func notice(
        _ known: App.Notification?, unread: UInt64, to offset: UInt64, isPresent: Bool = false
    ) -> MessageNotice {
        MessageNotice(known, unread: unread, to: Self.position(offset), isPresent: isPresent)
    }

    @Test func `who is away is told of the first message`() {
        #expect(notice(nil, unread: 1, to: 1) == .raise)
    }

    @Test func `who has read all is told nothing`() {
        #expect(notice(nil, unread: 0, to: 5) == .nothing)
        #expect(notice(known(2, to: 5, isRead: true), unread: 0, to: 5) == .nothing)
    }

    @Test func `who has the room open is told nothing, and has read what they were told`() {
        #expect(notice(nil, unread: 3, to: 5, isPresent: true) == .nothing)
        #expect(notice(known(2, to: 4), unread: 3, to: 5, isPresent: true) == .clear)
    }

    @Test func `more messages are counted in the same notification`() {
        #expect(notice(known(2, to: 5), unread: 3, to: 6) == .recount)
        #expect(notice(known(2, to: 5), unread: 2, to: 5) == .nothing)
        // Two were read, and two more were said.
        #expect(notice(known(2, to: 5), unread: 2, to: 7) == .recount)
    }

    @Test func `what was read in the room is read in the list`() {
        #expect(notice(known(2, to: 5), unread: 0, to: 5) == .clear)
    }

    @Test func `who has read the notification is told again of what comes after it only`() {
        #expect(notice(known(2, to: 5, isRead: true), unread: 2, to: 5) == .nothing)
        #expect(notice(known(2, to: 5, isRead: true), unread: 3, to: 6) == .raise)
    }

    @Test func `messages of a room's new life are news`() {
        let top = Self.position(3, epoch: 8)
        let notice = MessageNotice(
            known(2, to: 5, isRead: true), unread: 3, to: top, isPresent: false)
        #expect(notice == .raise)
    }

    @Test func `reading on in the room leaves what is unread`() {
        #expect(known(4, to: 9).afterReading(to: Self.position(7))?.count == 2)
        #expect(known(4, to: 9).afterReading(to: Self.position(5)) == nil)
        #expect(known(4, to: 9, isRead: true).afterReading(to: Self.position(9)) == nil)
    }

    @Test(arguments: [position(9), position(12), position(1, epoch: 8)])
    func `reading to where it was counted reads the notification`(_ read: Position) throws {
        let after = try #require(known(4, to: 9).afterReading(to: read))
        #expect(after.isRead && after.count == 4)
    }
}
