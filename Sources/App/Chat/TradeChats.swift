import Engine

/// The rooms in which buyers talk with sellers, in the store. For each trade a buyer has one.
package struct TradeChats: Sendable {
    static let collection = "tradechat"
    private static let attemptsMax = 32
    /// Rooms of a trade that are closed at a time.
    private static let pieceSize = 64
    /// Rooms that one user's list goes back to.
    static let perUserMax = 1_000

    private let store: any Store
    private let articles: Articles
    private let notifications: Notifications
    private let authority: AuthorityLog
    private let streams: ChatStreams
    private let now: @Sendable () -> Int64

    package init(
        store: any Store, articles: Articles, notifications: Notifications,
        authority: AuthorityLog, streams: ChatStreams, now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.articles = articles
        self.notifications = notifications
        self.authority = authority
        self.streams = streams
        self.now = now
    }

    /// The buyer's room with the seller of a trade; made where there is none yet, and the seller told.
    func open(
        _ trade: Int64, by buyer: Identity
    ) async throws(TradeChatError) -> (chat: TradeChat, isNew: Bool) {
        for _ in 0..<Self.attemptsMax {
            let article = try await article(trade)
            guard article.author != buyer.user else { throw .yourOwn }
            if let known = try await chat(of: trade, by: buyer.user) { return (known, false) }
            do throws(StoreError) {
                let id = try await store.advance(Self.collection, by: 1)
                let chat = TradeChat(
                    id: id, tradeId: trade, sellerId: article.authorId,
                    buyerId: buyer.user.rawValue, createdAtMs: now())
                let changes =
                    [
                        .put(
                            Self.pairKey(trade, buyer.user), value: Array(String(id).utf8),
                            expecting: .absent),
                        .put(Self.key(id), value: StoredValue.encode(chat), expecting: .absent),
                    ] + Self.listings(of: chat).map(\.insertion)
                    + (try await notifications.raising(.purchase(chat, of: article)))
                try await store.commit(changes)
                notifications.committed(changes)
                return (chat, true)
            } catch {
                guard case .conflict = error else { throw .store(error) }
            }
        }
        throw .store(.unavailable("the trade's rooms change too often"))
    }

    /// The room with this number, if the user is one of the two.
    func chat(_ id: Int64, for user: UserID) async throws(TradeChatError) -> TradeChat {
        let (chat, _) = try await read(id)
        guard chat.parties.contains(user) else { throw .forbidden }
        return chat
    }

    /// Whether there is a room with this number.
    func isThere(_ id: Int64) async throws(StoreError) -> Bool {
        try await store.records([Self.key(id)])[0] != nil
    }

    /// Throws unless there is a room with this number and the user is one of the two.
    func check(_ id: Int64, for user: UserID) async throws(TradeChatError) {
        _ = try await chat(id, for: user)
    }

    /// The rooms of a user, as buyer and as seller, the newest first.
    func rooms(
        of user: UserID, skip: Int = 0, limit: Int = perUserMax
    ) async throws(StoreError) -> (chats: [TradeChat], total: Int) {
        let index = Self.rooms(of: user)
        let total = try await store.count(of: index, in: .all)
        let entries = try await store.entries(
            of: index, in: .all, descending: true, skip: skip, limit: limit)
        return (try await chats(entries), total)
    }

    /// Closes a room for both; either of the two may, and administrators. They hear of it.
    func close(
        _ id: Int64, by user: Identity
    ) async throws(TradeChatError) {
        for _ in 0..<Self.attemptsMax {
            let (chat, version) = try await read(id)
            guard chat.parties.contains(user.user) || user.role == .admin else { throw .forbidden }
            do throws(StoreError) {
                return try await close(chat, version)
            } catch {
                guard case .conflict = error else { throw .store(error) }
            }
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// Closes all rooms of a trade that is gone.
    func closeAll(ofTrade trade: Int64) async throws(StoreError) {
        while true {
            let entries = try await store.entries(
                of: Self.rooms(ofTrade: trade), in: .all, descending: false, skip: 0,
                limit: Self.pieceSize)
            guard !entries.isEmpty else { return }
            let keys = entries.map { RecordKey(Self.collection, $0.id) }
            for (key, record) in zip(keys, try await store.records(keys)) {
                guard let record else { continue }
                let chat = try StoredValue.decode(TradeChat.self, from: record, at: key)
                do throws(StoreError) {
                    try await close(chat, record.version)
                } catch {
                    // Somebody else closes it.
                    guard case .conflict = error else { throw error }
                }
            }
        }
    }

    private func close(_ chat: TradeChat, _ version: UInt64) async throws(StoreError) {
        let cursors = chat.parties.map { ReadCursorKey(room: chat.chat, user: $0).record }
        try await authority.commit(
            [
                .remove(Self.key(chat.id), expecting: .version(version)),
                .remove(Self.pairKey(chat.tradeId, chat.buyer)),
            ] + cursors.map { .remove($0) } + Self.listings(of: chat).map(\.deletion),
            closing: chat.chat
        ) { await streams.tell(.closed, in: chat.chat, atMs: now()) }
    }

    // MARK: Reading

    private func article(_ trade: Int64) async throws(TradeChatError) -> Article {
        do {
            return try await articles.article(.trade, trade)
        } catch {
            guard case .store(let cause) = error else { throw .noSuchTrade }
            throw .store(cause)
        }
    }

    private func chat(
        of trade: Int64, by buyer: UserID
    ) async throws(TradeChatError) -> TradeChat? {
        do throws(StoreError) {
            let key = Self.pairKey(trade, buyer)
            guard let pair = try await store.records([key])[0] else { return nil }
            let id = String(decoding: pair.value, as: UTF8.self)
            return try await chats([IndexEntry(sortKey: [], id: id)]).first
        } catch {
            throw .store(error)
        }
    }

    private func chats(_ entries: [IndexEntry]) async throws(StoreError) -> [TradeChat] {
        let keys = entries.map { RecordKey(Self.collection, $0.id) }
        var chats: [TradeChat] = []
        for (key, record) in zip(keys, try await store.records(keys)) {
            guard let record else { continue }
            chats.append(try StoredValue.decode(TradeChat.self, from: record, at: key))
        }
        return chats
    }

    private func read(
        _ id: Int64
    ) async throws(TradeChatError) -> (chat: TradeChat, version: UInt64) {
        let key = Self.key(id)
        let found: (TradeChat, UInt64)?
        do throws(StoreError) {
            found = try await store.records([key])[0].map { record throws(StoreError) in
                (try StoredValue.decode(TradeChat.self, from: record, at: key), record.version)
            }
        } catch {
            throw .store(error)
        }
        guard let found else { throw .noSuchRoom }
        return found
    }

    // MARK: Where it is stored

    static func key(_ id: Int64) -> RecordKey { RecordKey(collection, String(id)) }

    /// Where the number of a buyer's room about a trade is.
    static func pairKey(_ trade: Int64, _ buyer: UserID) -> RecordKey {
        RecordKey("tradechat-pair", "\(trade)/\(buyer)")
    }

    static func rooms(of user: UserID) -> String { "tradechat-of/\(user)" }

    private static func rooms(ofTrade trade: Int64) -> String { "trade/\(trade)/chats" }

    static func listings(of chat: TradeChat) -> [Listing] {
        let id = String(chat.id)
        return (chat.parties.map(rooms(of:)) + [rooms(ofTrade: chat.tradeId)]).map {
            Listing($0, chat.id.sortKey, id)
        }
    }
}
