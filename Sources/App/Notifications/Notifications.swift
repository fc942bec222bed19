import Engine

/// What the community's people are told of, in the store, and on its way to their streams.
///
/// A notification is part of the commit of what it tells: there is none without it, and it is not
/// without one. What is committed is published after it (`NotificationPublisher`).
package struct Notifications: Sendable {
    /// How often a change is tried again because somebody else was first.
    static let attemptsMax = 32

    let store: any Store
    let people: People
    let now: @Sendable () -> Int64
    private let numbers: NumberBlock
    private let publisher: NotificationPublisher

    /// `now` gives milliseconds since 1970.
    package init(
        store: any Store, people: People, publisher: NotificationPublisher,
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.people = people
        self.publisher = publisher
        self.now = now
        numbers = NumberBlock(NotificationRecords.counter, in: store)
    }

    // MARK: In the commits of others

    /// What belongs into the commit of something that concerns somebody; nothing where they did it
    /// themselves.
    func raising(_ event: NotificationEvent) async throws(StoreError) -> [Change] {
        guard event.isNews else { return [] }
        let nowMs = now()
        let notification = Notification(
            id: try await numbers.next(), recipientId: event.recipient.rawValue, type: event.type,
            cause: event.cause, actorId: event.actor.rawValue, subject: event.subject,
            createdAtMs: nowMs)
        return NotificationRecords.making(notification, nowMs: nowMs)
    }

    /// What belongs into the commit that takes back what somebody was told for a cause.
    func takingBack(_ cause: NotificationCause) async throws(StoreError) -> [Change] {
        guard let (notification, version) = try await store.notifications([cause])[0] else {
            return []
        }
        return NotificationRecords.removing(notification, version: version, nowMs: now())
    }

    /// What makes a notification, or, where its cause has one, changes that one.
    func making(_ notification: Notification, over known: StoredNotification?) -> [Change] {
        known.map { changing($0.notification, to: notification, $0.version) }
            ?? NotificationRecords.making(notification, nowMs: now())
    }

    /// What changes a notification that is there in `version`.
    func changing(
        _ before: Notification, to after: Notification, _ version: UInt64
    ) -> [Change] {
        NotificationRecords.changing(before, to: after, version: version, nowMs: now())
    }

    /// The number of what is raised: a new one, unless people still have one for its cause.
    func number(over known: StoredNotification?) async throws(StoreError) -> Int64 {
        if let known, !known.notification.isDeleted { return known.notification.id }
        return try await numbers.next()
    }

    /// Lets be published what these changes, which are committed now, have told.
    func committed(_ changes: [Change]) {
        let entries = NotificationOutbox.entries(in: changes)
        if !entries.isEmpty { publisher.publish(entries) }
    }

    // MARK: Reading

    /// A page of what a user was told, how many there are in the list, and how many are unread.
    func list(
        of user: UserID, unreadOnly: Bool, skip: Int, limit: Int, oldestFirst: Bool
    ) async throws(StoreError) -> (views: [NotificationView], total: Int, unread: Int) {
        let index =
            unreadOnly ? NotificationRecords.unread(of: user) : NotificationRecords.all(of: user)
        let total = try await store.count(of: index, in: .all)
        let unread =
            unreadOnly
            ? total : try await store.count(of: NotificationRecords.unread(of: user), in: .all)
        let entries = try await store.entries(
            of: index, in: .all, descending: !oldestFirst, skip: skip, limit: limit)
        let found = try await store.notifications(listedBy: entries)
        return (try await people.views(of: found), total, unread)
    }

    /// Commits changes, and lets them be published; false where somebody else was first.
    func commit(_ changes: [Change]) async throws(StoreError) -> Bool {
        guard !changes.isEmpty else { return true }
        do throws(StoreError) {
            try await store.commit(changes)
        } catch {
            guard case .conflict = error else { throw error }
            return false
        }
        committed(changes)
        return true
    }
}

extension People {
    /// Notifications and their versions as they are shown.
    func views(
        of notifications: [StoredNotification]
    ) async throws(StoreError) -> [NotificationView] {
        let actors = try await people(notifications.map(\.notification.actor))
        return notifications.map { notification, version in
            NotificationView(
                notification, version: version,
                by: actors[notification.actor, default: .unknown])
        }
    }
}
