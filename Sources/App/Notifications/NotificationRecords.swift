import Engine

/// A notification, and the version of its record.
typealias StoredNotification = (notification: Notification, version: UInt64)

/// How notifications are kept in the store: a record for each cause, which the lists name, and where
/// the cause of each number is found. The changes here keep all of it and what is still to be
/// published together.
enum NotificationRecords {
    static let counter = "notification"
    fileprivate static let collection = "notification"

    static func key(_ cause: NotificationCause) -> RecordKey { RecordKey(collection, cause.text) }

    /// Where the cause of a notification is stored.
    static func causeKey(_ id: Int64) -> RecordKey { RecordKey("notification-cause", String(id)) }

    /// What a user was told, by when.
    static func all(of user: UserID) -> String { "notifications/\(user)" }

    /// What of it they have not read.
    static func unread(of user: UserID) -> String { "notifications/\(user)/unread" }

    /// Everybody's notifications, by when they were raised.
    static let everybodys = "notifications"

    /// Everywhere a notification is listed.
    static func listings(of notification: Notification) -> Set<Listing> {
        guard !notification.isDeleted else { return [] }
        let (cause, time) = (notification.cause.text, notification.createdAtMs.sortKey)
        var listings: Set<Listing> = [
            Listing(all(of: notification.recipient), time, cause),
            Listing(everybodys, time, cause),
        ]
        if !notification.isRead {
            listings.insert(Listing(unread(of: notification.recipient), time, cause))
        }
        return listings
    }

    /// What makes a notification.
    static func making(_ notification: Notification, nowMs: Int64) -> [Change] {
        let (id, cause) = (notification.id, notification.cause)
        return [
            .put(key(cause), value: StoredValue.encode(notification), expecting: .absent),
            .put(causeKey(id), value: Array(cause.text.utf8), expecting: .absent),
        ] + listings(of: notification).map(\.insertion)
            + [NotificationOutbox.Item(notification, version: 1).insertion(nowMs: nowMs)]
    }

    /// What changes one that is there in `version`.
    static func changing(
        _ before: Notification, to after: Notification, version: UInt64, nowMs: Int64
    ) -> [Change] {
        let (old, new) = (listings(of: before), listings(of: after))
        var changes: [Change] = [
            .put(
                key(after.cause), value: StoredValue.encode(after), expecting: .version(version))
        ]
        if before.id != after.id {
            changes.append(
                .put(causeKey(after.id), value: Array(after.cause.text.utf8), expecting: .absent))
        }
        return changes + old.subtracting(new).map(\.deletion)
            + new.subtracting(old).map(\.insertion)
            + [NotificationOutbox.Item(after, version: version + 1).insertion(nowMs: nowMs)]
    }

    /// What takes one of messages away, says so, and remembers what it has counted.
    static func hiding(
        _ notification: Notification, version: UInt64, nowMs: Int64
    ) -> [Change] {
        var hidden = notification
        hidden.isRead = true
        hidden.isDeleted = true
        return [
            .put(
                key(hidden.cause), value: StoredValue.encode(hidden), expecting: .version(version)),
            .remove(causeKey(notification.id)),
        ] + listings(of: notification).map(\.deletion)
            + [NotificationOutbox.Item(notification, version: nil).insertion(nowMs: nowMs)]
    }

    /// What takes one away without a word.
    static func dropping(_ notification: Notification, version: UInt64) -> [Change] {
        [
            .remove(key(notification.cause), expecting: .version(version)),
            .remove(causeKey(notification.id)),
        ] + listings(of: notification).map(\.deletion)
    }

    /// What takes one away and says so.
    static func removing(
        _ notification: Notification, version: UInt64, nowMs: Int64
    ) -> [Change] {
        dropping(notification, version: version) + [
            NotificationOutbox.Item(notification, version: nil).insertion(nowMs: nowMs)
        ]
    }
}

extension Store {
    /// The notification with this number; nil where there is none.
    func notification(_ id: Int64) async throws(StoreError) -> StoredNotification? {
        guard let cause = try await records([NotificationRecords.causeKey(id)])[0] else {
            return nil
        }
        let text = String(decoding: cause.value, as: UTF8.self)
        return try await notifications([NotificationCause(text)])[0]
    }

    /// The notifications for these causes, in their order; nil for one that is gone.
    func notifications(
        _ causes: [NotificationCause]
    ) async throws(StoreError) -> [StoredNotification?] {
        let keys = causes.map(NotificationRecords.key)
        var found: [StoredNotification?] = []
        found.reserveCapacity(keys.count)
        for (key, record) in zip(keys, try await records(keys)) {
            guard let record else {
                found.append(nil)
                continue
            }
            found.append(
                (try StoredValue.decode(Notification.self, from: record, at: key), record.version))
        }
        return found
    }

    /// The notifications that entries of their lists name; those that are gone are left out.
    func notifications(
        listedBy entries: [IndexEntry]
    ) async throws(StoreError) -> [StoredNotification] {
        try await notifications(entries.map { NotificationCause($0.id) }).compactMap(\.self)
    }
}
