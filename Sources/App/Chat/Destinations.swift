import Engine

/// What the community's STOMP destinations stand for, and who may use them (API.md, "STOMP").
package struct Destinations: Directory {
    private let openChats: OpenChats
    private let rooms: Rooms
    private let cursors: ReadCursors
    private let settings: Settings

    package struct Settings: Sendable {
        /// Whether everyone who is signed in may use every generic topic.
        let hasOpenTopics: Bool
        /// What a generic topic keeps.
        let retention: @Sendable (_ topic: String) -> Retention
        /// Messages that a chat room keeps.
        let roomHistoryMax: Int
    }

    package init(
        openChats: OpenChats, rooms: Rooms, cursors: ReadCursors, settings: Settings
    ) {
        self.openChats = openChats
        self.rooms = rooms
        self.cursors = cursors
        self.settings = settings
    }

    package func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        if destination.hasPrefix("/topic/") {
            return try topic(destination, for: action, by: identity)
        }
        if destination == "/user/queue/errors", action == .subscribe { return .errors }
        for (prefix, allowed, kind) in Self.roomDestinations
        where allowed == action && destination.hasPrefix(prefix) {
            let id = try await room(destination.dropFirst(prefix.count), for: identity.user)
            switch kind {
            case .chat: return .room(chat(id))
            case .entering: return .room(entering(id))
            case .events: return .room(events(id))
            case .typing: return .command(typing(id))
            case .reading: return .command(reading(id))
            }
        }
        throw Refusal(.noSuchDestination, "there is no such destination")
    }

    private enum RoomKind {
        case chat
        case entering
        case events
        case typing
        case reading
    }

    /// The destinations that end in the number of an open chat.
    private static let roomDestinations:
        [(prefix: String, action: DestinationAction, kind: RoomKind)] = [
            ("/pub/chat/message/", .publish, .chat),
            ("/sub/chat/", .subscribe, .chat),
            ("/pub/chat/enter/", .publish, .entering),
            ("/sub/enter/", .subscribe, .entering),
            ("/sub/events/", .subscribe, .events),
            ("/pub/chat/typing/", .publish, .typing),
            ("/pub/chat/read/", .publish, .reading),
        ]

    /// The stream of what is said in an open chat.
    func chat(_ id: Int64) -> RoomRoute {
        let cursors = cursors
        return RoomRoute(
            stream: StreamName("chat/\(id)"),
            policy: RoomPolicy(
                retention: Retention(countMax: settings.roomHistoryMax),
                presence: RoomEvent.stream(of: id),
                render: { ChatMessage.render($0, room: id) },
                read: { reader, position, sign in
                    cursors.mark(
                        ReadMark(
                            room: id, user: reader.user, name: reader.name, position: position,
                            isSeen: sign == .published))
                }),
            compose: ChatMessage.compose)
    }

    /// The stream that tells who enters an open chat; nothing of it is kept.
    private func entering(_ id: Int64) -> RoomRoute {
        RoomRoute(
            stream: StreamName("enter/\(id)"),
            policy: RoomPolicy(
                retention: .nothing, render: { ChatMessage.renderEntering($0, room: id) }),
            // Whatever the client says: the server knows who enters.
            compose: { _, _ in Content(body: [], type: "") })
    }

    /// The stream of what happens in an open chat beside its messages; only the server writes to it.
    private func events(_ id: Int64) -> RoomRoute {
        RoomRoute(
            stream: RoomEvent.stream(of: id),
            policy: RoomPolicy(
                retention: .nothing, isEphemeral: true,
                render: { RoomEvent.render($0, room: id) }),
            compose: { _, _ throws(Refusal) in
                throw Refusal(.noSuchDestination, "nobody publishes to this destination")
            })
    }

    /// Lets an open chat know that somebody types there.
    private func typing(_ id: Int64) -> Engine.Command {
        let (rooms, chat) = (rooms, chat(id))
        return { request, identity throws(Refusal) in
            let isTyping = try RoomEvent.isTyping(request.body)
            let member = Member(user: identity.user, name: identity.name)
            try rooms.room(named: chat.stream, policy: chat.policy).type(isTyping, by: member)
        }
    }

    /// Takes note of how far somebody says they have read an open chat.
    private func reading(_ id: Int64) -> Engine.Command {
        let (broker, chat, cursors) = (rooms.broker, chat(id), cursors)
        return { request, identity throws(Refusal) in
            let said = try ReadRequest(request.body)
            let stream: StreamTop
            do throws(BrokerError) {
                stream = try await broker.tops(
                    of: [chat.stream], keeping: chat.policy.retention)[0]
            } catch {
                throw Refusal(error)
            }
            guard let position = said.position(in: stream) else { return }
            try await cursors.store(
                ReadMark(
                    room: id, user: identity.user, name: identity.name, position: position))
        }
    }

    private func room(_ text: Substring, for user: UserID) async throws(Refusal) -> Int64 {
        guard let id = Int64(text), String(id) == text else {
            throw Refusal(.noSuchDestination, "there is no such room")
        }
        do {
            try await openChats.check(id, for: user)
            return id
        } catch {
            switch error {
            case .store:
                throw Refusal(
                    .storeUnavailable, "the room could not be looked up", retryAfterMs: 1_000)
            case .forbidden:
                throw Refusal(.forbidden, "you are kept out of this room")
            case .noSuchRoom, .invalid, .tooManyRooms, .tooManyBans:
                throw Refusal(.noSuchDestination, "there is no such room")
            }
        }
    }

    /// Sessions, rooms and the store keep topics' names.
    private static let topicBytesMax = 200

    private func topic(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) throws(Refusal) -> Route {
        let name = String(destination.dropFirst("/topic/".count))
        guard (1...Self.topicBytesMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else {
            let words = "a topic has a name without spaces, of \(Self.topicBytesMax) bytes at most"
            throw Refusal(.noSuchDestination, words)
        }
        let patterns =
            switch action {
            case .publish: identity.publishPatterns
            case .subscribe: identity.subscribePatterns
            }
        guard settings.hasOpenTopics || Self.isGranted(destination, by: patterns) else {
            throw Refusal(.forbidden, "the token does not grant this topic")
        }
        return .room(
            RoomRoute(
                stream: StreamName("topic/\(name)"),
                policy: RoomPolicy(retention: settings.retention(name)),
                compose: { body, type in Content(body: body, type: type) }))
    }

    /// Claims list patterns of whole destinations, `/topic/news.*`.
    private static func isGranted(_ destination: String, by patterns: [String]) -> Bool {
        let name = String(destination.dropFirst())
        return patterns.contains { pattern in
            let relative = pattern.hasPrefix("/") ? String(pattern.dropFirst()) : pattern
            return TopicPattern(relative)?.matches(name) ?? false
        }
    }
}
