import Engine
import Transport

/// The rooms of buyers and sellers.
package struct TradeChatRoutes: Sendable {
    private let tradeChats: TradeChats
    private let myRooms: MyRooms
    private let messages: RoomMessages

    package init(tradeChats: TradeChats, myRooms: MyRooms, messages: RoomMessages) {
        self.tradeChats = tradeChats
        self.myRooms = myRooms
        self.messages = messages
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/tradechat", "The caller's rooms as buyer or seller, the newest first.",
                query: PageQuery.unsorted, gives: .ok(PageAnswer<Answer>.self), list),
            APIRoute(
                .post, "/api/tradechat/{tradeId}",
                "Opens the caller's room with the seller of a trade, or finds it again.",
                gives: .createdOrFound(Answer.self), open),
            APIRoute(
                .get, "/api/tradechat/room/{id}", "What was said in a room, oldest first.",
                query: MessageQuery.fields, gives: .ok(MessageList.self), refuses: [.forbidden]
            ) { (request) throws(APIError) in
                try await messages.list(of: try await admitted(request), request)
            },
            APIRoute(
                .post, "/api/tradechat/room/{id}/message", "Says something in a room.",
                takes: [RoomMessages.message], gives: .created(RoomMessages.Published.self)
            ) { (request) throws(APIError) in
                try await messages.publish(in: try await admitted(request), request)
            },
            APIRoute(
                .delete, "/api/tradechat/{id}", "Closes a room for both.", gives: .done, close),
        ]
    }

    private struct Answer: Shaped {
        let id: Int64
        let tradeId: Int64
        let title: String
        let sellerId: Int64
        let buyerId: Int64
        /// The other one of the two.
        let partner: String
        let createdAt: String

        init?(_ room: MyRoom) {
            guard case .trade(let chat, let title, let partner) = room else { return nil }
            id = chat.id
            tradeId = chat.tradeId
            self.title = title
            sellerId = chat.sellerId
            buyerId = chat.buyerId
            self.partner = partner.name
            createdAt = Timestamp.text(chat.createdAtMs)
        }

        static let shape = Schema.named(
            "TradeChat",
            .object([
                .id(), .id("tradeId"), .text("title"), .id("sellerId"), .id("buyerId"),
                .text("partner"), .time("createdAt"),
            ]))
    }

    @Sendable private func list(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.readUnsorted(request)
        do {
            let (rooms, total) = try await myRooms.tradeRooms(
                of: request.user.user, skip: page.skip, limit: page.size)
            return HTTPResponse(
                json: PageAnswer(rooms.compactMap(Answer.init), of: page, total: total))
        } catch {
            throw .storeUnavailable(error)
        }
    }

    @Sendable private func open(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let trade = try request.id("tradeId")
        let opened: (chat: TradeChat, isNew: Bool)
        do {
            opened = try await tradeChats.open(trade, by: request.user)
        } catch {
            throw APIError(error)
        }
        do {
            let rooms = try await myRooms.tradeRooms([opened.chat], of: request.user.user)
            return HTTPResponse(
                json: rooms.compactMap(Answer.init)[0], status: opened.isNew ? .created : .ok)
        } catch {
            throw .storeUnavailable(error)
        }
    }

    @Sendable private func close(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        do {
            try await tradeChats.close(id, by: request.user)
            return HTTPResponse(acknowledging: "Closed.")
        } catch {
            throw APIError(error)
        }
    }

    /// The room that is asked for, which is the caller's.
    private func admitted(_ request: APIRequest) async throws(APIError) -> ChatID {
        let id = try request.id()
        do {
            try await tradeChats.check(id, for: request.user.user)
            return ChatID(.trade, id)
        } catch {
            throw APIError(error)
        }
    }
}
