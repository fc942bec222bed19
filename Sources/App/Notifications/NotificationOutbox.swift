import Engine

/// What of notifications is committed and not published yet: an index by the time of the commit.
enum NotificationOutbox {
    static let index = "notification-outbox"

    /// A version of a notification, or its end.
    struct Item: Hashable, Sendable {
        let user: UserID
        let id: Int64
        let cause: NotificationCause
        /// The record's; nil: it is gone.
        let version: UInt64?

        init(_ notification: Notification, version: UInt64?) {
            user = notification.recipient
            id = notification.id
            cause = notification.cause
            self.version = version
        }

        /// Nil for an entry that names none.
        init?(_ entry: IndexEntry) {
            let parts = entry.id.split(separator: "/", maxSplits: 3)
            guard parts.count == 4, let user = Int64(parts[0]), let id = Int64(parts[1]) else {
                return nil
            }
            self.user = UserID(user)
            self.id = id
            cause = NotificationCause(String(parts[3]))
            if parts[2] == Self.end {
                version = nil
            } else {
                guard let version = UInt64(parts[2]) else { return nil }
                self.version = version
            }
        }

        /// Whether it was not there before.
        var isNew: Bool { version == 1 }

        /// What a publication of it is recognised by.
        var idempotencyKey: String { "\(id)/\(word)" }

        private static let end: Substring = "end"

        private var word: String { version.map { String($0) } ?? String(Self.end) }

        /// What lists it among what is still to be published.
        func insertion(nowMs: Int64) -> Change {
            .insert(
                IndexEntry(sortKey: nowMs.sortKey, id: "\(user)/\(id)/\(word)/\(cause.text)"),
                index: NotificationOutbox.index)
        }
    }

    /// The entries that changes put there.
    static func entries(in changes: [Change]) -> [IndexEntry] {
        changes.compactMap { change in
            guard case .insert(let entry, index) = change else { return nil }
            return entry
        }
    }
}
