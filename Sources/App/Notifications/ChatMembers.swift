import Engine

/// Who is a member of a chat room, and what it is called.
struct ChatMembers: Sendable {
    /// The members of a room, so many at a time: what is committed for them together must not hold up
    /// the chat.
    static let pieceSize = 64

    let store: any Store

    /// What notifications of a room's messages are about; nil where there is no such room any more.
    func subject(of chat: ChatID) async throws(StoreError) -> NotificationSubject? {
        switch chat.kind {
        case .open:
            let key = OpenChats.key(chat.number)
            guard let record = try await store.records([key])[0] else { return nil }
            let openChat = try StoredValue.decode(OpenChat.self, from: record, at: key)
            return NotificationSubject(kind: .openChat, id: chat.number, title: openChat.title)
        case .trade:
            guard let tradeChat = try await tradeChat(chat) else { return nil }
            let key = Articles.key(.trade, tradeChat.tradeId)
            guard let record = try await store.records([key])[0] else { return nil }
            let trade = try StoredValue.decode(Article.self, from: record, at: key)
            return NotificationSubject(kind: .tradeChat, id: chat.number, title: trade.title)
        }
    }

    /// A piece of a room's members, in the order of their numbers, after a user (nil: the first).
    func members(
        of chat: ChatID, after user: UserID?
    ) async throws(StoreError) -> [UserID] {
        switch chat.kind {
        case .open:
            let range = IndexRange(from: user.map { ($0.rawValue + 1).sortKey })
            return try await store.entries(
                of: OpenChats.members(of: chat.number), in: range, descending: false, skip: 0,
                limit: Self.pieceSize
            ).compactMap { Int64($0.id).map { UserID($0) } }
        case .trade:
            guard user == nil else { return [] }
            return try await tradeChat(chat)?.parties ?? []
        }
    }

    private func tradeChat(_ chat: ChatID) async throws(StoreError) -> TradeChat? {
        let key = TradeChats.key(chat.number)
        guard let record = try await store.records([key])[0] else { return nil }
        return try StoredValue.decode(TradeChat.self, from: record, at: key)
    }
}
