import Engine
import Transport

/// What the caller was told.
package struct NotificationRoutes: Sendable {
    private let notifications: Notifications
    private let history: History

    package init(notifications: Notifications, history: History) {
        self.notifications = notifications
        self.history = history
    }

    package var all: [APIRoute] {
        let root = "/api/notifications"
        return [
            APIRoute(
                .get, root, "What the caller was told, the newest first.",
                query: PageQuery.fields() + [Self.unread], gives: .ok(Answer.self), list),
            APIRoute(.patch, root, "Marks all as read.", gives: .done, markAllRead),
            APIRoute(.patch, "\(root)/{id}", "Marks one as read.", gives: .done, markRead),
            APIRoute(.delete, "\(root)/{id}", "Takes one away.", gives: .done, delete),
        ]
    }

    private static let unread = Field<Bool>.flag("unread").or(false)

    /// A page, and what it is true for.
    private struct Answer: Shaped {
        let page: PageAnswer<NotificationView>
        /// Of all that the caller was told.
        let unreadCount: Int
        /// Subscribing from here misses nothing that is not in the list.
        let position: String

        private enum CodingKeys: CodingKey {
            case unreadCount, position
        }

        func encode(to encoder: any Encoder) throws {
            try page.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(unreadCount, forKey: .unreadCount)
            try container.encode(position, forKey: .position)
        }

        static let shape = Schema.object(
            PageAnswer<NotificationView>.properties + [.count("unreadCount"), .text("position")])
    }

    @Sendable private func list(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (page, user) = (PageQuery.read(request), request.user.user)
        let position: Position
        do {
            // Before the list: what is published later may be in it, too.
            position = try await history.end(of: Destinations.notifications(of: user))
        } catch {
            throw APIError(error)
        }
        do {
            let (views, total, unread) = try await notifications.list(
                of: user, unreadOnly: request[Self.unread], skip: page.skip, limit: page.size,
                oldestFirst: page.isAscending)
            return HTTPResponse(
                json: Answer(
                    page: PageAnswer(views, of: page, total: total), unreadCount: unread,
                    position: position.description))
        } catch {
            throw .storeUnavailable(error)
        }
    }

    @Sendable private func markRead(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (id, user) = (try request.id(), request.user.user)
        try await refusing { () throws(NotificationError) in
            try await notifications.markRead(id, by: user)
        }
        return HTTPResponse(acknowledging: "Read.")
    }

    @Sendable private func markAllRead(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (key, user) = (try request.idempotencyKey(), request.user.user)
        try await refusing { () throws(NotificationError) in
            try await notifications.markAllRead(by: user, key: key)
        }
        return HTTPResponse(acknowledging: "Read.")
    }

    @Sendable private func delete(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        try await refusing { () throws(NotificationError) in
            try await notifications.delete(id, by: request.user.user, key: key)
        }
        return HTTPResponse(acknowledging: "Taken away.")
    }

    /// Says in the words of REST why something was not done.
    private func refusing(
        _ operation: () async throws(NotificationError) -> Void
    ) async throws(APIError) {
        do {
            try await operation()
        } catch {
            throw APIError(error)
        }
    }
}
