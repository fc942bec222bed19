import Engine
import Transport

/// What was said in chat rooms, and saying something there, over REST. Who may is decided before.
package struct RoomMessages: Sendable {
    private let streams: ChatStreams
    private let history: History
    private let rooms: Rooms
    private let allowances: PublishAllowances?
    private let now: @Sendable () -> Int64

    package init(
        streams: ChatStreams, history: History, rooms: Rooms, allowances: PublishAllowances?,
        now: @escaping @Sendable () -> Int64
    ) {
        self.streams = streams
        self.history = history
        self.rooms = rooms
        self.allowances = allowances
        self.now = now
    }

    static let message = Field<String>.text("message")

    struct Published: Shaped {
        let message = "Stored."
        let statusCode = 201
        let position: String
        let duplicate: Bool

        static let shape = Schema.named(
            "Published",
            .object([
                .text("message"), .count("statusCode"), .text("position"), .flag("duplicate"),
            ]))
    }

    /// Where a room ends now.
    func end(of chat: ChatID) async throws(BrokerError) -> Position {
        try await history.end(of: streams.messages(of: chat))
    }

    /// The messages that a request asks for by `MessageQuery`.
    func list(
        of chat: ChatID, _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let range = try MessageQuery.range(request)
        let page: History.Page
        do {
            page = try await history.page(
                of: streams.messages(of: chat), range, limit: request[MessageQuery.limit])
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

    /// Says what a request has in `message`.
    func publish(
        in chat: ChatID, _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let key = try request.idempotencyKey()
        let route = streams.messages(of: chat)
        let nowMs = now()
        let content: Content
        let room: Room
        do {
            try allowances?.allowance(of: request.user.user, nowMs: nowMs).take(nowMs: nowMs)
            content = try ChatMessage.compose(request[Self.message])
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
