import Engine
import Transport

/// Who is in an open chat now (API.md, "Events of a room").
package struct MemberRoutes: Sendable {
    private let openChats: OpenChats
    private let broker: any Broker

    /// Members that one answer lists.
    private static let limitMax = 1_000

    package init(openChats: OpenChats, broker: any Broker) {
        self.openChats = openChats
        self.broker = broker
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/openchat/{id}/members", "Who is in a room now.", query: [Self.limit],
                gives: .ok(Answer.self), refuses: [.forbidden], members)
        ]
    }

    private static let limit = Field<Int>.count("limit", 1...limitMax).or(100)

    private struct Answer: Shaped {
        struct Entry: Encodable {
            let userId: Int64
            let name: String
        }

        /// The first of them, by their numbers.
        let members: [Entry]
        /// All of them.
        let count: Int
        /// Of the room's events: those above it tell what changes.
        let position: String

        init(_ attendance: Attendance, limit: Int) {
            members = attendance.members.prefix(limit).map {
                Entry(userId: $0.user.rawValue, name: $0.name)
            }
            count = attendance.members.count
            position = attendance.position.description
        }

        static let shape = Schema.named(
            "Attendance",
            .object([
                .init(
                    "members",
                    .list(of: .object([.id("userId"), .text("name")]), countMax: limitMax)),
                .count("count"), .text("position"),
            ]))
    }

    @Sendable private func members(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let limit = request[Self.limit]
        let id = try request.id("id")
        do {
            try await openChats.check(id, for: request.user.user)
        } catch {
            throw APIError(error)
        }
        do {
            let attendance = try await broker.attendance(of: ChatID(.open, id).events)
            return HTTPResponse(json: Answer(attendance, limit: limit))
        } catch {
            throw APIError(error)
        }
    }
}
