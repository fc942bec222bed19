import Engine
import Transport

/// What clients without STOMP hear live (API.md, "Server-Sent Events").
package struct EventStreamRoutes: Sendable {
    private let community: Community
    private let tickets: StreamTickets
    private let places: StreamPlaces
    private let rooms: [RoomStreams]

    package init(
        community: Community, tickets: StreamTickets, places: StreamPlaces, rooms: [RoomStreams]
    ) {
        self.community = community
        self.tickets = tickets
        self.places = places
        self.rooms = rooms
    }

    package var all: [APIRoute] {
        [
            APIRoute(
                .post, "/api/stream-tickets",
                "A ticket that opens one event stream within half a minute, as `?ticket=`.",
                gives: .created(Ticket.self), issueTicket),
            stream(
                "/api/notifications/connect", "The caller's notifications as Server-Sent Events."
            ) { (_) throws(APIError) in
                [EventStream.Feed(Destinations.notifications, named: "sse")]
            },
        ]
            + rooms.map { room in
                stream(
                    "\(room.path)/{id}/stream",
                    "What is said and done in a room as Server-Sent Events.",
                    refuses: [.forbidden]
                ) { (request) throws(APIError) in
                    let id = try request.id()
                    try await room.admit(id, request.user)
                    return [
                        EventStream.Feed("\(room.messages)\(id)", named: "message"),
                        EventStream.Feed("\(room.events)\(id)"),
                    ]
                }
            }
    }

    // MARK: Streams

    private static let after = Field<Position>(
        "after", .text(), reason: "This is no position."
    ) { $0.text.flatMap { Position($0) } }.optional

    private func stream(
        _ path: String, _ summary: String, refuses refusals: [HTTPStatus] = [],
        _ feeds: @escaping @Sendable (APIRequest) async throws(APIError) -> [EventStream.Feed]
    ) -> APIRoute {
        APIRoute(
            .get, path, summary, for: .ticketHolder, query: [Self.after],
            gives: .media("text/event-stream"), refuses: refusals + [.tooManyRequests],
            answering: { (request) throws(APIError) in
                let feeds = try await feeds(request)
                guard let place = places.take(request.user.user) else {
                    throw .tooManyRequests(retryAfterSeconds: Self.retrySeconds)
                }
                return .events(
                    EventStream(
                        of: feeds, after: Self.position(request), for: request.user,
                        in: community, wording: Self.wording, keeping: place))
            })
    }

    /// When somebody with too many streams may try again: whoever closed one is found out by then.
    private static let retrySeconds = 5

    /// What a client has seen last. A browser that comes back says so in a header, which counts more
    /// than the address that it came with at first.
    private static func position(_ request: APIRequest) -> Position? {
        guard let seen = request.head.headers.first(named: "last-event-id"), !seen.isEmpty else {
            return request[after]
        }
        // What is no position of ours is one that no stream has.
        return Position(seen) ?? Position(epoch: Epoch(rawValue: 0), offset: 0)
    }

    private static let wording = EventStream.Wording(
        begins: { position, resume in
            var json = JSONWriter()
            json.object {
                $0.field("resume", text: Array(resume.rawValue.utf8))
                $0.field("position", text: Array(position.description.utf8))
            }
            return json.bytes
        },
        ends: { refusal in
            var json = JSONWriter()
            json.object {
                $0.field("code", text: Array(refusal.code.rawValue.utf8))
                $0.field("message", text: Array(refusal.detail.utf8))
                if let retryAfterMs = refusal.retryAfterMs {
                    $0.field("retryAfterMs", retryAfterMs)
                }
            }
            return json.bytes
        })

    // MARK: Tickets

    private struct Ticket: Shaped {
        let ticket: String
        /// In seconds.
        let expiresIn: Int64

        static let shape = Schema.named(
            "StreamTicket", .object([.text("ticket"), .count("expiresIn")]))
    }

    @Sendable private func issueTicket(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        do {
            let ticket = try await tickets.issue(to: request.user)
            return HTTPResponse(
                json: Ticket(
                    ticket: ticket, expiresIn: StreamTickets.lifetime.components.seconds),
                status: .created)
        } catch {
            throw .storeUnavailable(error)
        }
    }
}

/// The rooms of one kind, as event streams.
package struct RoomStreams: Sendable {
    /// Where the rooms are, without their numbers.
    let path: String
    /// The destinations of a room's messages and of its events, without its number.
    let messages: String
    let events: String
    /// Throws unless there is such a room and the user may read in it.
    let admit: @Sendable (Int64, Identity) async throws(APIError) -> Void

    /// Those of open chats.
    package static func openChats(_ openChats: OpenChats) -> RoomStreams {
        RoomStreams(
            path: "/api/openchat/room", messages: "/sub/chat/", events: "/sub/events/"
        ) { (id, reader) throws(APIError) in
            do throws(OpenChatError) {
                try await openChats.check(id, for: reader.user)
            } catch {
                throw APIError(error)
            }
        }
    }

    /// Those of buyers and sellers.
    package static func tradeChats(_ tradeChats: TradeChats) -> RoomStreams {
        RoomStreams(
            path: "/api/tradechat/room", messages: "/sub/tradechat/", events: "/sub/tradeevents/"
        ) { (id, reader) throws(APIError) in
            do throws(TradeChatError) {
                try await tradeChats.check(id, for: reader.user)
            } catch {
                throw APIError(error)
            }
        }
    }
}
