import Engine

/// What somebody is told of. The raw values are part of the wire.
enum NotificationType: String, Codable, Sendable, CaseIterable {
    /// Messages in a room that they are a member of and have not open; all of a room in one.
    case message = "MESSAGE"
    /// Somebody said something about their article.
    case comment = "COMMENT"
    /// Somebody likes their article.
    case like = "LIKE"
    /// A buyer opened a room with them about their trade.
    case purchase = "PURCHASE"
}

/// What a notification is about.
struct NotificationSubject: Codable, Sendable, Hashable {
    /// The raw values are part of the wire.
    enum Kind: String, Codable, Sendable, CaseIterable {
        case post
        case trade
        case openChat = "openchat"
        case tradeChat = "tradechat"
    }

    let kind: Kind
    let id: Int64
    /// As it was then.
    var title: String

    /// Where it is, relative to the site. What was taken away since is not there any more.
    var url: String { "/\(kind.rawValue)/\(id)" }
}

/// What a user was told, and whether they have read it.
struct Notification: Codable, Sendable, Hashable {
    /// Another one when it is raised again after it was taken away.
    let id: Int64
    let recipientId: Int64
    let type: NotificationType
    /// What made it: there is one notification for one cause.
    let cause: NotificationCause
    /// Who did it; of messages, who said the newest.
    var actorId: Int64
    var subject: NotificationSubject
    var isRead = false
    /// Of messages: whether its recipient has taken it away. It is kept, for what it counts is not
    /// to be told again.
    var isDeleted = false
    /// When it was raised: the first time, or again after it had been read.
    var createdAtMs: Int64
    /// Messages that were unread; 1 of everything else.
    var count: UInt64 = 1
    /// Of messages: up to where they are counted, as a position's text.
    var countedTo: String?

    var recipient: UserID { UserID(recipientId) }
    var actor: UserID { UserID(actorId) }
}

/// Names what a notification tells; nobody else is told of the same.
struct NotificationCause: Codable, Sendable, Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    static func comment(_ number: Int64, on kind: ArticleKind) -> NotificationCause {
        NotificationCause("\(kind.rawValue)-comment/\(number)")
    }

    static func messages(in chat: ChatID, to member: UserID) -> NotificationCause {
        NotificationCause("messages/\(chat.text)/\(member)")
    }

    static func purchase(in chat: Int64) -> NotificationCause {
        NotificationCause("tradechat/\(chat)")
    }

    static func like(of id: Int64, _ kind: ArticleKind, by user: UserID) -> NotificationCause {
        NotificationCause("\(kind.rawValue)-like/\(id)/\(user)")
    }
}
