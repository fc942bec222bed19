import Engine
import Transport

/// Open chats: finding them, making them, joining them, and what was said in them.
package struct OpenChatRoutes: Sendable {
    private let openChats: OpenChats
    private let messages: RoomMessages
    /// Nil where the site has no place for images.
    private let images: Media?
    private let addresses: MediaAddresses

    package init(
        openChats: OpenChats, messages: RoomMessages, images: Media?, addresses: MediaAddresses
    ) {
        self.openChats = openChats
        self.messages = messages
        self.images = images
        self.addresses = addresses
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/openchat", "Open chats, the newest first.",
                query: PageQuery.fields(), gives: .ok(PageAnswer<Answer>.self), list),
            APIRoute(
                .post, "/api/openchat", "Makes an open chat and its room.",
                takes: [Self.title, Self.content, ArticleFields.images], takesImages: true,
                gives: .created(Answer.self),
                refuses: [.conflict], create),
            APIRoute(
                .get, "/api/openchat/{id}", "One open chat.", gives: .ok(Answer.self), show),
            APIRoute(
                .put, "/api/openchat/{id}",
                "Changes an open chat; what is left out stays, and images take the place of those before.",
                takes: [Self.title.optional, Self.newContent, ArticleFields.images],
                takesImages: true, gives: .ok(Answer.self), update),
            APIRoute(
                .delete, "/api/openchat/{id}", "Closes an open chat and its room for everybody.",
                gives: .done, delete),
            APIRoute(
                .post, "/api/openchat/{id}/join", "Makes the caller a member.", gives: .done,
                refuses: [.conflict], join),
            APIRoute(
                .post, "/api/openchat/{id}/leave", "Ends the caller's membership.", gives: .done,
                leave),
            APIRoute(
                .post, "/api/openchat/{id}/kick", "Keeps somebody out; the owner may.",
                takes: [Self.userID], gives: .done, refuses: [.conflict], kick),
            APIRoute(
                .delete, "/api/openchat/{id}/kick/{userId}", "Lets somebody in again.",
                gives: .done, readmit),
            APIRoute(
                .get, "/api/openchat/room/{id}", "What was said in a room, oldest first.",
                query: MessageQuery.fields, gives: .ok(MessageList.self), refuses: [.forbidden]
            ) { (request) throws(APIError) in
                try await messages.list(of: ChatID(.open, try await admitted(request)), request)
            },
            APIRoute(
                .post, "/api/openchat/room/{id}/message", "Says something in a room.",
                takes: [RoomMessages.message], gives: .created(RoomMessages.Published.self)
            ) { (request) throws(APIError) in
                try await messages.publish(in: ChatID(.open, try await admitted(request)), request)
            },
        ]
    }

    // MARK: Rooms

    private struct Answer: Shaped {
        let id: Int64
        let title: String
        let content: String
        let ownerId: Int64
        let owner: String
        let memberCount: Int
        /// Addresses, relative to the site.
        let images: [String]
        let createdAt: String

        init(_ chat: OpenChat, _ addresses: MediaAddresses) {
            id = chat.id
            title = chat.title
            content = chat.content
            ownerId = chat.ownerId
            owner = chat.owner
            memberCount = chat.memberCount
            images = (chat.images ?? []).map(addresses.address)
            createdAt = Timestamp.text(chat.createdAtMs)
        }

        static let shape = Schema.named(
            "OpenChat",
            .object([
                .id(), .text("title"), .text("content"), .id("ownerId"), .text("owner"),
                .count("memberCount"),
                .init("images", .list(of: .text(), countMax: Article.imagesMax)),
                .time("createdAt"),
            ]))
    }

    @Sendable private func list(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.read(request)
        do {
            let (chats, total) = try await openChats.list(
                skip: page.skip, limit: page.size, oldestFirst: page.isAscending)
            return HTTPResponse(
                json: PageAnswer(chats.map { Answer($0, addresses) }, of: page, total: total))
        } catch {
            throw APIError(error)
        }
    }

    private static let title = Field<String>.line("title", 1...OpenChats.titleCharactersMax)
    private static let content = Field<String>
        .lines("content", 0...OpenChats.contentCharactersMax).or("")
    private static let newContent = content.optional

    @Sendable private func create(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let key = try request.idempotencyKey()
        let pictures = try await images.pictures(of: request)
        do {
            let chat = try await openChats.create(
                title: request[Self.title], content: request[Self.content], images: pictures,
                owner: request.user, key: key)
            return HTTPResponse(json: Answer(chat, addresses), status: .created)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func show(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        HTTPResponse(json: Answer(try await chat(request), addresses))
    }

    @Sendable private func update(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        let pictures = try await images.pictures(of: request)
        let chat: OpenChat
        do {
            chat = try await openChats.update(
                id, title: request[Self.title.optional], content: request[Self.newContent],
                images: pictures, by: request.user)
        } catch {
            throw APIError(error)
        }
        if pictures != nil { await images?.collectSoon() }
        return HTTPResponse(json: Answer(chat, addresses))
    }

    @Sendable private func delete(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let (id, key) = (try request.id(), try request.idempotencyKey())
        do {
            try await openChats.delete(id, by: request.user, key: key)
        } catch {
            throw APIError(error)
        }
        await images?.collectSoon()
        return HTTPResponse(acknowledging: "Closed.")
    }

    @Sendable private func join(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try await admitted(request)
        let position: Position
        do {
            position = try await messages.end(of: ChatID(.open, id))
        } catch {
            throw APIError(error)
        }
        do {
            try await openChats.join(id, request.user.user, readingFrom: position)
            return HTTPResponse(acknowledging: "Joined.")
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func leave(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id("id")
        do {
            try await openChats.leave(id, request.user.user)
            return HTTPResponse(acknowledging: "Left.")
        } catch {
            throw APIError(error)
        }
    }

    private static let userID = Field<Int64>.id("userId")

    @Sendable private func kick(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id("id")
        do {
            try await openChats.kick(UserID(request[Self.userID]), from: id, by: request.user)
            return HTTPResponse(acknowledging: "Kept out.")
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func readmit(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id("id")
        let user = UserID(try request.id("userId"))
        do {
            try await openChats.readmit(user, to: id, by: request.user)
            return HTTPResponse(acknowledging: "Let in again.")
        } catch {
            throw APIError(error)
        }
    }

    /// The number of the room that is asked for, which the caller is not kept out of.
    private func admitted(_ request: APIRequest) async throws(APIError) -> Int64 {
        let id = try request.id("id")
        do {
            try await openChats.check(id, for: request.user.user)
            return id
        } catch {
            throw APIError(error)
        }
    }

    private func chat(_ request: APIRequest) async throws(APIError) -> OpenChat {
        let id = try request.id("id")
        do {
            return try await openChats.chat(id)
        } catch {
            throw APIError(error)
        }
    }
}
