import Engine
import Transport

/// Open chats: finding them, making them, joining them, and what was said in them.
package struct OpenChatRoutes: Sendable {
    private let openChats: OpenChats
    private let destinations: Destinations
    private let history: History
    private let rooms: Rooms
    private let allowances: PublishAllowances?
    private let now: @Sendable () -> Int64

    package init(
        openChats: OpenChats, destinations: Destinations, history: History, rooms: Rooms,
        allowances: PublishAllowances?, now: @escaping @Sendable () -> Int64
    ) {
        self.openChats = openChats
        self.destinations = destinations
        self.history = history
        self.rooms = rooms
        self.allowances = allowances
        self.now = now
    }

    package var all: [APIRoute] {
        [
            APIRoute(.get, "/api/openchat", list),
            APIRoute(.post, "/api/openchat", create),
            APIRoute(.get, "/api/openchat/{id}", show),
            APIRoute(.post, "/api/openchat/{id}/join", join),
            APIRoute(.post, "/api/openchat/{id}/leave", leave),
            APIRoute(.post, "/api/openchat/{id}/kick", kick),
            APIRoute(.delete, "/api/openchat/{id}/kick/{userId}", readmit),
            APIRoute(.get, "/api/openchat/room/{id}", messages),
            APIRoute(.post, "/api/openchat/room/{id}/message", publish),
        ]
    }

    // MARK: Rooms

    private struct Answer: Encodable {
        let id: Int64
        let title: String
        let content: String
        let ownerId: Int64
        let owner: String
        let memberCount: Int
        let createdAt: String

        init(_ chat: OpenChat) {
            id = chat.id
            title = chat.title
            content = chat.content
            ownerId = chat.ownerId
            owner = chat.owner
            memberCount = chat.memberCount
            createdAt = Timestamp.text(chat.createdAtMs)
        }
    }

    @Sendable private func list(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let page = try PageRequest(request.query, sortedBy: ["createdAt"])
        do {
            let (chats, total) = try await openChats.list(
                skip: page.skip, limit: page.size, oldestFirst: page.isAscending)
            return HTTPResponse(json: PageAnswer(chats.map(Answer.init), of: page, total: total))
        } catch {
            throw APIError(error)
        }
    }

    private struct Creation: Decodable {
        let title: String
        let content: String?
    }

    @Sendable private func create(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let body = try request.json(Creation.self)
        let key = try request.idempotencyKey()
        do {
            let chat = try await openChats.create(
                title: body.title, content: body.content ?? "", owner: request.user,
                key: key)
            return HTTPResponse(json: Answer(chat), status: .created)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func show(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        HTTPResponse(json: Answer(try await chat(request)))
    }

    @Sendable private func join(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try await admitted(request)
        let position: Position
        do {
            position = try await history.end(of: destinations.chat(id))
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

    private struct Kick: Decodable {
        let userId: Int64
    }

    @Sendable private func kick(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id("id")
        let body = try request.json(Kick.self)
        guard body.userId > 0 else {
            throw .invalid([FieldProblem(field: "userId", reason: "This is no user's number.")])
        }
        do {
            try await openChats.kick(UserID(body.userId), from: id, by: request.user)
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

    // MARK: Messages

    @Sendable private func messages(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let range = try Self.range(request.query)
        let limit = try request.query.number("limit", in: 1...History.limitMax) ?? 50
        let route = destinations.chat(try await admitted(request))
        let page: History.Page
        do {
            page = try await history.page(of: route, range, limit: limit)
        } catch {
            throw APIError(error)
        }
        // The messages are JSON already.
        var body = Array(#"{"chatList":["#.utf8)
        for (index, message) in page.messages.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: message.body)
        }
        let tail = #"],"position":"\#(page.position)","resume":"\#(page.resume.rawValue)"}"#
        body.append(contentsOf: tail.utf8)
        return HTTPResponse(json: body)
    }

    private static func range(_ query: APIQuery) throws(APIError) -> History.Range {
        switch (query.text("before"), query.text("after")) {
        case (nil, nil):
            return .newest
        case (let before?, nil):
            if let position = Position(before) { return .until(position) }
            guard let offset = UInt64(before) else { throw .malformedQuery }
            return .before(offset)
        case (nil, let after?):
            if let position = Position(after) { return .since(position) }
            guard let offset = UInt64(after) else { throw .malformedQuery }
            return .after(offset)
        case (_?, _?):
            throw .malformedQuery
        }
    }

    private struct Message: Decodable {
        let message: String
    }

    private struct Published: Encodable {
        let message = "Stored."
        let statusCode = 201
        let position: String
        let duplicate: Bool
    }

    @Sendable private func publish(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let body = try request.json(Message.self)
        let key = try request.idempotencyKey()
        let route = destinations.chat(try await admitted(request))
        let nowMs = now()
        let content: Content
        let room: Room
        do {
            try allowances?.allowance(of: request.user.user, nowMs: nowMs).take(nowMs: nowMs)
            content = try ChatMessage.compose(body.message)
            room = try rooms.room(named: route.stream, policy: route.policy)
        } catch {
            throw APIError(error)
        }
        let draft = Draft(
            sender: request.user.user, senderName: request.user.name, contentType: content.type,
            body: content.body, timestampMs: nowMs, idempotencyKey: key?.text)
        let result = await withCheckedContinuation { continuation in
            room.publish(draft) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let appended):
            route.policy.read?(request.user, appended.position, .published)
            return HTTPResponse(
                json: Published(
                    position: appended.position.description, duplicate: appended.isDuplicate),
                status: .created)
        case .failure(let error):
            throw APIError(error)
        }
    }
}
