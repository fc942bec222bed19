import Engine

/// Something that happened, and whom it concerns.
struct NotificationEvent: Sendable, Hashable {
    let type: NotificationType
    let cause: NotificationCause
    let recipient: UserID
    let actor: UserID
    let subject: NotificationSubject

    /// Somebody has said something about an article.
    static func comment(
        _ number: Int64, on article: Article, by author: UserID
    ) -> NotificationEvent {
        NotificationEvent(
            type: .comment, cause: .comment(number, on: article.kind), recipient: article.author,
            actor: author, subject: NotificationSubject(article))
    }

    /// Somebody likes an article.
    static func like(of article: Article, by user: UserID) -> NotificationEvent {
        NotificationEvent(
            type: .like, cause: .like(of: article.id, article.kind, by: user),
            recipient: article.author, actor: user, subject: NotificationSubject(article))
    }

    /// A buyer has opened a room with the seller of a trade.
    static func purchase(_ chat: TradeChat, of trade: Article) -> NotificationEvent {
        NotificationEvent(
            type: .purchase, cause: .purchase(in: chat.id), recipient: chat.seller,
            actor: chat.buyer,
            subject: NotificationSubject(kind: .tradeChat, id: chat.id, title: trade.title))
    }

    /// Whether there is somebody to tell: nobody is told of what they did themselves.
    var isNews: Bool { actor != recipient }
}

extension NotificationSubject {
    init(_ article: Article) {
        let kind: Kind =
            switch article.kind {
            case .post: .post
            case .trade: .trade
            }
        self.init(kind: kind, id: article.id, title: article.title)
    }
}
