import Engine

/// A notification on the wire, the same in REST, over STOMP and in event streams.
struct NotificationView: Shaped {
    struct Actor: Encodable {
        let id: Int64
        let name: String
    }

    struct Subject: Encodable {
        let type: String
        let id: Int64
        let title: String
    }

    let id: Int64
    let content: String
    let type: String
    let url: String
    let isRead: Bool
    let createdAt: String
    let actor: Actor
    let subject: Subject
    let count: UInt64
    /// Rises with every change.
    let version: UInt64

    init(_ notification: Notification, version: UInt64, by actor: Person) {
        id = notification.id
        content = Self.words(for: notification, by: actor)
        type = notification.type.rawValue
        url = notification.subject.url
        isRead = notification.isRead
        createdAt = Timestamp.text(notification.createdAtMs)
        self.actor = Actor(id: notification.actorId, name: actor.name)
        subject = Subject(
            type: notification.subject.kind.rawValue, id: notification.subject.id,
            title: notification.subject.title)
        count = notification.count
        self.version = version
    }

    /// Who, a sign for what they did, and to what: readable in every language.
    private static func words(for notification: Notification, by actor: Person) -> String {
        let sign =
            switch notification.type {
            case .message: "✉"
            case .comment: "💬"
            case .like: "♥"
            case .purchase: "🛒"
            }
        let words = "\(actor.name) \(sign) \(notification.subject.title)"
        return notification.count > 1 ? "\(words) (\(notification.count))" : words
    }

    static let shape = Schema.named(
        "Notification",
        .object([
            .id(), .text("content"),
            .init("type", .choice(NotificationType.allCases.map(\.rawValue))), .text("url"),
            .flag("isRead"), .time("createdAt"),
            .init("actor", .object([.id(), .text("name")])),
            .init(
                "subject",
                .object([
                    .init(
                        "type",
                        .choice(NotificationSubject.Kind.allCases.map(\.rawValue))),
                    .id(), .text("title"),
                ])),
            .count("count"), .count("version"),
        ]))
}

/// What is published of a notification that was taken away.
struct NotificationEnd: Encodable {
    let id: Int64
    let deleted = true

    private enum CodingKeys: CodingKey {
        case id, deleted
    }
}
