import Engine

/// Why an operation on notifications was not carried out.
enum NotificationError: Error, Hashable, Sendable {
    /// There is none with this number among the caller's.
    case noSuchNotification
    case store(StoreError)
}

/// What people do with what they were told.
extension Notifications {
    /// Changed in one commit.
    private static let pieceSize = 128

    /// Marks one as read; one that is read stays so.
    func markRead(_ id: Int64, by user: UserID) async throws(NotificationError) {
        for _ in 0..<Self.attemptsMax {
            let (notification, version) = try await own(id, of: user)
            guard !notification.isRead else { return }
            if try await change(by: reading(notification, version)) { return }
        }
        throw .store(.unavailable("the notification changes too often"))
    }

    /// Marks all as read that were raised until now. With a key that the user has used within 24
    /// hours nothing happens: what was raised since then stays unread.
    func markAllRead(by user: UserID, key: IdempotencyKey?) async throws(NotificationError) {
        let claim = key.map { Claim("notifications-read", $0, by: user) }
        if try await wasDone(claim) { return }
        let index = NotificationRecords.unread(of: user)
        let range = IndexRange(upTo: (now() + 1).sortKey)
        for _ in 0..<Self.attemptsMax {
            let unread = try await storing { () throws(StoreError) in
                try await store.notifications(
                    listedBy: try await store.entries(
                        of: index, in: range, descending: false, skip: 0, limit: Self.pieceSize))
            }
            let isLast = unread.count < Self.pieceSize
            let taken = isLast ? claim.map { [$0.taken(for: "", nowMs: now())] } ?? [] : []
            let changes = unread.flatMap { reading($0.notification, $0.version) } + taken
            if try await change(by: changes), isLast { return }
        }
        throw .store(.unavailable("the notifications change too often"))
    }

    /// Takes one away. With a key that the user has used for it within 24 hours it was taken away
    /// then.
    func delete(
        _ id: Int64, by user: UserID, key: IdempotencyKey?
    ) async throws(NotificationError) {
        let claim = key.map { Claim("notification-delete/\(id)", $0, by: user) }
        for _ in 0..<Self.attemptsMax {
            if try await wasDone(claim) { return }
            let (notification, version) = try await own(id, of: user)
            let changes =
                notification.type == .message
                ? NotificationRecords.hiding(notification, version: version, nowMs: now())
                : NotificationRecords.removing(notification, version: version, nowMs: now())
            let taken = claim.map { [$0.taken(for: "", nowMs: now())] } ?? []
            if try await change(by: changes + taken) { return }
        }
        throw .store(.unavailable("the notification changes too often"))
    }

    /// Marks those for these causes as read that are not.
    func readAll(of causes: [NotificationCause]) async throws(StoreError) {
        for _ in 0..<Self.attemptsMax {
            let unread = try await store.notifications(causes).compactMap(\.self)
                .filter { !$0.notification.isRead }
            if try await commit(unread.flatMap { reading($0.notification, $0.version) }) { return }
        }
        throw .unavailable("the notifications change too often")
    }

    /// What marks a notification as read that is there in `version`.
    func reading(_ notification: Notification, _ version: UInt64) -> [Change] {
        var after = notification
        after.isRead = true
        return changing(notification, to: after, version)
    }

    private func own(
        _ id: Int64, of user: UserID
    ) async throws(NotificationError) -> (notification: Notification, version: UInt64) {
        let found = try await storing { () throws(StoreError) in try await store.notification(id) }
        guard let found, found.notification.recipient == user else { throw .noSuchNotification }
        return found
    }

    private func wasDone(_ claim: Claim?) async throws(NotificationError) -> Bool {
        try await storing { () throws(StoreError) in
            try await claim?.outcome(in: store) != nil
        }
    }

    /// False where somebody else was first.
    private func change(by changes: [Change]) async throws(NotificationError) -> Bool {
        try await storing { () throws(StoreError) in try await commit(changes) }
    }

    private func storing<Value>(
        _ question: () async throws(StoreError) -> Value
    ) async throws(NotificationError) -> Value {
        do {
            return try await question()
        } catch {
            throw .store(error)
        }
    }
}
