import Engine
import Transport

/// The caller's conversations.
package struct MyRoomsRoutes: Sendable {
    private let myRooms: MyRooms

    package init(myRooms: MyRooms) {
        self.myRooms = myRooms
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/chat/rooms", "The caller's rooms, with what is unread there.",
                query: PageQuery.fields(sortedBy: []) + [Self.order, Self.kind],
                gives: .ok(PageAnswer<Answer>.self), list)
        ]
    }

    /// A message as members receive it.
    private struct Message: Encodable {
        let id: UInt64
        let roomId: Int64
        let senderId: Int64
        let sender: String
        let message: String
        let createdAt: String

        init(_ publication: Publication, room: ChatID) {
            id = publication.offset
            roomId = room.number
            senderId = publication.sender.rawValue
            sender = publication.senderName
            message = String(decoding: publication.body, as: UTF8.self)
            createdAt = Timestamp.text(publication.timestampMs)
        }
    }

    private static let order = Field<MyRooms.Order>.choice("sortBy").or(.activity)

    private enum Kind: String, CaseIterable, Sendable {
        case open = "OPEN"
        case trade = "TRADE"
    }

    private static let kind = Field<Kind>.choice("kind").optional

    private struct Answer: Shaped {
        let roomId: Int64
        let kind: Kind
        let title: String
        let memberCount: Int
        let tradeId: Int64?
        /// The other one of buyer and seller.
        let partner: String?
        let unreadCount: UInt64
        let lastMessage: Message?
        let readPosition: String?
        let position: String

        init(_ item: MyRooms.Item) {
            roomId = item.room.chat.number
            switch item.room {
            case .open(let chat):
                kind = .open
                title = chat.title
                memberCount = chat.memberCount
                tradeId = nil
                partner = nil
            case .trade(let chat, let title, let partner):
                kind = .trade
                self.title = title
                memberCount = chat.parties.count
                tradeId = chat.tradeId
                self.partner = partner.name
            }
            unreadCount = item.unreadCount
            lastMessage = item.newest.map { Message($0, room: item.room.chat) }
            readPosition = item.read?.description
            position = item.position.description
        }

        private enum CodingKeys: CodingKey {
            case roomId, kind, title, memberCount, tradeId, partner, unreadCount, lastMessage
            case readPosition, position
        }

        static let shape = Schema.named(
            "MyRoom",
            .object([
                .id("roomId"), .init("kind", .choice(Kind.allCases.map(\.rawValue))),
                .text("title"), .count("memberCount"),
                .init("tradeId", .id, isRequired: false),
                .init("partner", .text(), isRequired: false), .count("unreadCount"),
                .init("lastMessage", .orNull(ChatMessage.shape)),
                .init("readPosition", .orNull(.text())), .text("position"),
            ]))

        /// What there is none of is null, and not left out.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(roomId, forKey: .roomId)
            try container.encode(kind.rawValue, forKey: .kind)
            try container.encode(title, forKey: .title)
            try container.encode(memberCount, forKey: .memberCount)
            try container.encodeIfPresent(tradeId, forKey: .tradeId)
            try container.encodeIfPresent(partner, forKey: .partner)
            try container.encode(unreadCount, forKey: .unreadCount)
            try container.encode(lastMessage, forKey: .lastMessage)
            try container.encode(readPosition, forKey: .readPosition)
            try container.encode(position, forKey: .position)
        }
    }

    @Sendable private func list(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.read(request)
        let kinds: Set<ChatID.Kind> =
            switch request[Self.kind] {
            case .open: [.open]
            case .trade: [.trade]
            case nil: [.open, .trade]
            }
        do {
            let (items, total) = try await myRooms.list(
                of: request.user.user, kinds, by: request[Self.order], skip: page.skip,
                limit: page.size,
                oldestFirst: page.isAscending)
            return HTTPResponse(json: PageAnswer(items.map(Answer.init), of: page, total: total))
        } catch {
            throw .storeUnavailable(error)
        }
    }
}
