import Engine

/// Sets what the members of a chat room are told of its messages against what they have read, and
/// makes it true. Doing it again, or at several nodes at once, changes nothing.
///
/// Who has read on, or is told by another node, in the middle of it is in conflict, and looked at
/// again: commits expect the cursors that they were made from.
package struct MessageNotices: Sendable {
    /// What a look at a room has come to.
    struct Outcome: Hashable, Sendable {
        /// Everybody has been told up to here.
        let position: Position
        /// Whether somebody was not told because they are in the room, and has not read all. Whoever
        /// has just left counts as there for a while (`Rooms.presenceGraceMs`), so that a room with
        /// such members is to be looked at again.
        let hasSparedSome: Bool
    }

    private static let attemptsMax = 16

    private let notifications: Notifications
    private let members: ChatMembers
    private let cursors: ReadCursors
    private let broker: any Broker
    private let retention: Retention

    /// `retention` is that of chat rooms.
    package init(
        notifications: Notifications, cursors: ReadCursors, broker: any Broker,
        keeping retention: Retention
    ) {
        self.notifications = notifications
        self.cursors = cursors
        self.broker = broker
        self.retention = retention
        members = ChatMembers(store: notifications.store)
    }

    /// A room as all of its members are told of it.
    private struct Moment: Sendable {
        let chat: ChatID
        let subject: NotificationSubject
        let stream: StreamTop
        let newest: Publication
        var present: Set<UserID>

        var top: Position { Position(epoch: stream.epoch, offset: stream.top) }

        /// Lets a notification say what is unread now.
        func describe(_ notification: inout Notification, unread: UInt64) {
            notification.actorId = newest.sender.rawValue
            notification.subject.title = subject.title
            notification.count = unread
            notification.countedTo = top.description
        }
    }

    /// Tells the members of a room what they have not read; nil where there is nothing to be told.
    func tell(membersOf chat: ChatID) async throws(StoreError) -> Outcome? {
        guard var moment = try await moment(of: chat) else { return nil }
        var told: [UserID] = []
        var hasSparedSome = false
        var last: UserID?
        while true {
            let piece = try await members.members(of: chat, after: last)
            guard !piece.isEmpty else { break }
            let result = try await tell(piece, moment)
            told += result.told
            hasSparedSome = hasSparedSome || result.hasSparedSome
            last = piece.last
        }
        if !told.isEmpty {
            // Who has come in meanwhile has it open now.
            moment.present = try await present(in: chat)
            let entered = told.filter { moment.present.contains($0) }
            for start in stride(from: 0, to: entered.count, by: ChatMembers.pieceSize) {
                let end = min(start + ChatMembers.pieceSize, entered.count)
                _ = try await tell(Array(entered[start..<end]), moment)
            }
        }
        return Outcome(position: moment.top, hasSparedSome: hasSparedSome)
    }

    private func moment(of chat: ChatID) async throws(StoreError) -> Moment? {
        let stream: StreamTop
        do throws(BrokerError) {
            stream = try await broker.tops(of: [chat.messages], keeping: retention)[0]
        } catch {
            throw StoreError(error)
        }
        guard let newest = stream.newest, let subject = try await members.subject(of: chat) else {
            return nil
        }
        return Moment(
            chat: chat, subject: subject, stream: stream, newest: newest,
            present: try await present(in: chat))
    }

    private func present(in chat: ChatID) async throws(StoreError) -> Set<UserID> {
        do throws(BrokerError) {
            return Set(try await broker.attendance(of: chat.events).members.map(\.user))
        } catch {
            throw StoreError(error)
        }
    }

    // MARK: A piece of the members

    private func tell(
        _ users: [UserID], _ moment: Moment
    ) async throws(StoreError) -> (told: [UserID], hasSparedSome: Bool) {
        for _ in 0..<Self.attemptsMax {
            let states = try await cursors.states(of: users, in: moment.chat)
            let known = try await notifications.store.notifications(
                users.map { .messages(in: moment.chat, to: $0) })
            var told: [UserID] = []
            var changes: [Change] = []
            var hasSparedSome = false
            for (place, user) in users.enumerated() {
                let unread = MyRooms.unreadCount(
                    in: moment.stream, after: states[place].position, by: user)
                let isPresent = moment.present.contains(user)
                if isPresent, unread > 0 { hasSparedSome = true }
                let notice = MessageNotice(
                    known[place]?.notification, unread: unread, to: moment.top,
                    isPresent: isPresent)
                let more = try await self.changes(
                    notice, for: user, of: known[place], unread: unread, moment)
                guard !more.isEmpty else { continue }
                told.append(user)
                changes += more + [states[place].unmoved]
            }
            if try await notifications.commit(changes) { return (told, hasSparedSome) }
        }
        throw .unavailable("the notifications change too often")
    }

    private func changes(
        _ notice: MessageNotice, for user: UserID, of known: StoredNotification?, unread: UInt64,
        _ moment: Moment
    ) async throws(StoreError) -> [Change] {
        switch notice {
        case .nothing:
            return []
        case .clear:
            return known.map { notifications.reading($0.notification, $0.version) } ?? []
        case .recount:
            guard let (before, version) = known else { return [] }
            var after = before
            moment.describe(&after, unread: unread)
            return notifications.changing(before, to: after, version)
        case .raise:
            var raised = Notification(
                id: try await notifications.number(over: known), recipientId: user.rawValue,
                type: .message, cause: .messages(in: moment.chat, to: user),
                actorId: moment.newest.sender.rawValue, subject: moment.subject,
                createdAtMs: notifications.now())
            moment.describe(&raised, unread: unread)
            return notifications.making(raised, over: known)
        }
    }
}
