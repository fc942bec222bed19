import Engine
import Transport

/// What other backends may do with the engine, by the operator's key.
package struct EngineRoutes: Sendable {
    private let destinations: Destinations
    private let rooms: Rooms
    private let authority: AuthorityLog
    private let census: Census
    private let node: String?
    private let now: @Sendable () -> Int64

    package init(
        destinations: Destinations, rooms: Rooms, authority: AuthorityLog, census: Census,
        node: String?, now: @escaping @Sendable () -> Int64
    ) {
        self.destinations = destinations
        self.rooms = rooms
        self.authority = authority
        self.census = census
        self.node = node
        self.now = now
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/engine/publish", "Publishes to a topic or a room, as the server.",
                for: .backend,
                takes: [Self.destination, Self.body, Self.contentType, Self.idempotencyKey],
                gives: .created(RoomMessages.Published.self), refuses: [.notFound], publish),
            APIRoute(
                .post, "/api/engine/disconnect", "Closes a user's connections, on every node.",
                for: .backend, takes: [Self.userID], gives: .done, disconnect),
            APIRoute(
                .get, "/api/engine/info", "What runs here.", for: .backend,
                gives: .ok(Info.self), info),
        ]
    }

    /// Whom others see as the sender.
    private static let backend = Identity(user: .server, name: "", role: .user)
    private static let destination = Field<String>.text("destination")
    private static let body = Field<String>.text("body")
    private static let contentType = Field<String>.line("contentType", 1...200)
        .or("text/plain;charset=utf-8")
    private static let idempotencyKey = Field<IdempotencyKey>(
        "idempotencyKey", .text(characters: 1...IdempotencyKey.bytesMax),
        reason: "A key has 1 to \(IdempotencyKey.bytesMax) bytes."
    ) { $0.text.flatMap { IdempotencyKey($0) } }.optional
    private static let userID = Field<Int64>.id("userId")

    private struct Info: Shaped {
        let version: String
        let node: String?
        let connections: Int
        let rooms: Int

        static let shape = Schema.named(
            "EngineInfo",
            .object([
                .text("version"), .init("node", .text(), isRequired: false),
                .count("connections"), .count("rooms"),
            ]))
    }

    @Sendable private func publish(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let route: RoomRoute?
        do {
            route = try await destinations.target(request[Self.destination])
        } catch {
            throw .storeUnavailable(error)
        }
        guard let route else { throw .noSuchDestination }
        let content: Content
        let room: Room
        do {
            content = try route.compose(
                Array(request[Self.body].utf8), request[Self.contentType])
            room = try rooms.room(named: route.stream, policy: route.policy)
        } catch {
            throw APIError(error)
        }
        let draft = Draft(
            sender: .server, senderName: "", contentType: content.type, body: content.body,
            timestampMs: now(), idempotencyKey: request[Self.idempotencyKey]?.text)
        let result = await withCheckedContinuation { continuation in
            room.publish(draft) { continuation.resume(returning: $0) }
        }
        do {
            let appended = try result.get()
            route.policy.read?(Self.backend, appended.position, .published)
            return HTTPResponse(
                json: RoomMessages.Published(
                    position: appended.position.description, duplicate: appended.isDuplicate),
                status: .created)
        } catch {
            throw APIError(error)
        }
    }

    @Sendable private func disconnect(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        do {
            try await authority.commit([], [.disconnected], of: UserID(request[Self.userID]))
            return HTTPResponse(acknowledging: "Disconnected.")
        } catch {
            throw .storeUnavailable(error)
        }
    }

    @Sendable private func info(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        HTTPResponse(
            json: Info(
                version: Version.current, node: node, connections: census.total,
                rooms: rooms.count))
    }
}
