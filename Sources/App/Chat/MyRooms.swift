import Engine

/// The rooms that a user is a member of, as buyers and sellers are of theirs, with what is unread
/// there.
package struct MyRooms: Sendable {
    struct Item: Sendable {
        let room: MyRoom
        /// The newest message; nil where none is kept.
        let newest: Publication?
        let unreadCount: UInt64
        /// How far the user has read; nil: nothing.
        let read: Position?
        /// What the item is true for.
        let position: Position

        /// When something was last said, or the room was made.
        var activityMs: Int64 { newest?.timestampMs ?? room.createdAtMs }
    }

    /// What the list can be sorted by. The raw values are part of the wire.
    enum Order: String, CaseIterable, Sendable {
        case activity
        /// The room's making.
        case createdAt
    }

    private let openChats: OpenChats
    private let tradeChats: TradeChats
    private let articles: Articles
    private let people: People
    private let streams: ChatStreams
    private let cursors: ReadCursors
    private let broker: any Broker

    package init(
        openChats: OpenChats, tradeChats: TradeChats, articles: Articles, people: People,
        streams: ChatStreams, cursors: ReadCursors, broker: any Broker
    ) {
        self.openChats = openChats
        self.tradeChats = tradeChats
        self.articles = articles
        self.people = people
        self.streams = streams
        self.cursors = cursors
        self.broker = broker
    }

    /// A page of a user's rooms of these kinds, and how many there are in all.
    func list(
        of user: UserID, _ kinds: Set<ChatID.Kind>, by order: Order, skip: Int, limit: Int,
        oldestFirst: Bool
    ) async throws(StoreError) -> (items: [Item], total: Int) {
        var mine: [MyRoom] = []
        if kinds.contains(.open) {
            mine += try await openChats.rooms(of: user).map(MyRoom.open)
        }
        if kinds.contains(.trade) { mine += try await tradeRooms(of: user).rooms }
        guard let first = mine.first else { return ([], 0) }
        // Before the cursors: a message that is read in between is at most counted as unread.
        let tops: [StreamTop]
        do throws(BrokerError) {
            tops = try await broker.tops(
                of: mine.map(\.chat.messages),
                keeping: streams.messages(of: first.chat).policy.retention)
        } catch {
            throw StoreError(error)
        }
        let read = try await cursors.positions(of: user, in: mine.map(\.chat))
        let items = mine.indices.map { place in
            Item(
                room: mine[place], newest: tops[place].newest.map(streams.shown),
                unreadCount: Self.unreadCount(in: tops[place], after: read[place], by: user),
                read: read[place],
                position: Position(epoch: tops[place].epoch, offset: tops[place].top))
        }
        let sorted = items.sorted { left, right in
            let (first, second) = oldestFirst ? (left, right) : (right, left)
            return switch order {
            case .activity:
                (first.activityMs, first.room.chat.number)
                    < (second.activityMs, second.room.chat.number)
            case .createdAt:
                (first.room.createdAtMs, first.room.chat.number)
                    < (second.room.createdAtMs, second.room.chat.number)
            }
        }
        return (Array(sorted.dropFirst(skip).prefix(limit)), sorted.count)
    }

    /// A page of a user's rooms with buyers and sellers, the newest first, and how many there are.
    func tradeRooms(
        of user: UserID, skip: Int = 0, limit: Int = TradeChats.perUserMax
    ) async throws(StoreError) -> (rooms: [MyRoom], total: Int) {
        let (chats, total) = try await tradeChats.rooms(of: user, skip: skip, limit: limit)
        return (try await tradeRooms(chats, of: user), total)
    }

    /// The rooms as one of the two sees them.
    func tradeRooms(
        _ chats: [TradeChat], of user: UserID
    ) async throws(StoreError) -> [MyRoom] {
        let trades = Set(chats.map { String($0.tradeId) })
        let titles = Dictionary(
            uniqueKeysWithValues: try await articles.articles(.trade, Array(trades)).map {
                ($0.id, $0.title)
            })
        let people = try await people.people(chats.flatMap(\.parties))
        return chats.map { chat in
            let partner = chat.buyer == user ? chat.seller : chat.buyer
            return .trade(
                chat, title: titles[chat.tradeId, default: ""],
                partner: people[partner, default: .unknown])
        }
    }

    /// How many of the messages that are kept the user has not read. Who said the last one has read
    /// what was said before.
    ///
    /// A stream that has begun a new life may have gone on where it was, as when Redis is started
    /// again: what was read before counts as read, unless there are fewer messages now.
    static func unreadCount(
        in stream: StreamTop, after read: Position?, by user: UserID
    ) -> UInt64 {
        if stream.newest?.sender == user { return 0 }
        let offset = read?.offset ?? 0
        let isMeant = read?.epoch == stream.epoch || offset <= stream.top
        let seen = max(isMeant ? offset : 0, stream.floor - 1)
        return stream.top > seen ? stream.top - seen : 0
    }
}

/// One of a user's rooms.
enum MyRoom: Sendable {
    case open(OpenChat)
    /// With the title of the trade, and the other one of the two.
    case trade(TradeChat, title: String, partner: Person)

    var chat: ChatID {
        switch self {
        case .open(let chat): ChatID(.open, chat.id)
        case .trade(let chat, _, _): chat.chat
        }
    }

    var createdAtMs: Int64 {
        switch self {
        case .open(let chat): chat.createdAtMs
        case .trade(let chat, _, _): chat.createdAtMs
        }
    }
}

extension StoreError {
    /// What the log's trouble is to who needs both.
    init(_ error: BrokerError) {
        switch error {
        case .unavailable(let reason): self = .unavailable(reason)
        case .overloaded: self = .unavailable("the log has too much to do")
        }
    }
}
