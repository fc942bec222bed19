import Engine

/// What the community's STOMP destinations stand for, and who may use them (API.md, "STOMP").
package struct Destinations: Directory {
    private let openChats: OpenChats
    private let tradeChats: TradeChats
    private let streams: ChatStreams
    private let settings: Settings

    package struct Settings: Sendable {
        /// Whether everyone who is signed in may use every generic topic.
        let hasOpenTopics: Bool
        /// What a generic topic keeps.
        let retention: @Sendable (_ topic: String) -> Retention
    }

    package init(
        openChats: OpenChats, tradeChats: TradeChats, streams: ChatStreams, settings: Settings
    ) {
        self.openChats = openChats
        self.tradeChats = tradeChats
        self.streams = streams
        self.settings = settings
    }

    package func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        if destination.hasPrefix("/topic/") {
            return try topic(destination, for: action, by: identity)
        }
        if destination == "/user/queue/errors", action == .subscribe { return .errors }
        if destination == Self.notifications, action == .subscribe {
            return .room(Self.notifications(of: identity.user))
        }
        for form in Self.roomDestinations
        where form.action == action && destination.hasPrefix(form.prefix) {
            let chat = try await chat(
                form.chat, destination.dropFirst(form.prefix.count), for: identity.user)
            switch form.purpose {
            case .messages:
                if action == .subscribe { streams.opened(chat, by: identity.user) }
                return .room(streams.messages(of: chat))
            case .entering: return .room(streams.entering(chat))
            case .events: return .room(streams.events(of: chat))
            case .typing: return .command(streams.typing(in: chat))
            case .reading: return .command(streams.reading(chat))
            }
        }
        throw Refusal(.noSuchDestination, "there is no such destination")
    }

    /// Where users hear of what concerns them.
    static let notifications = "/user/queue/notifications"

    /// The stream of a user's notifications, as they are; only the server writes to it.
    static func notifications(of user: UserID) -> RoomRoute {
        RoomRoute(
            stream: StreamName("notifications/\(user)"),
            policy: RoomPolicy(retention: NotificationRetention.ofStreams),
            compose: { _, _ throws(Refusal) in
                throw Refusal(.noSuchDestination, "nobody publishes to this destination")
            })
    }

    /// The stream that a backend with the operator's key publishes to by this name: a topic, or a room
    /// that need not be open to anybody it speaks for. Nil where there is none.
    func target(_ destination: String) async throws(StoreError) -> RoomRoute? {
        let prefix = "/topic/"
        if destination.hasPrefix(prefix) {
            return topic(named: destination.dropFirst(prefix.count))
        }
        for form in Self.roomDestinations
        where form.action == .publish && form.purpose == .messages
            && destination.hasPrefix(form.prefix)
        {
            guard let number = Int64(destination.dropFirst(form.prefix.count)) else { return nil }
            let chat = ChatID(form.chat, number)
            let isThere =
                switch chat.kind {
                case .open: try await openChats.isThere(number)
                case .trade: try await tradeChats.isThere(number)
                }
            return isThere ? streams.messages(of: chat) : nil
        }
        return nil
    }

    private enum Purpose {
        case messages
        case entering
        case events
        case typing
        case reading
    }

    private struct RoomDestination: Sendable {
        let prefix: String
        let action: DestinationAction
        let chat: ChatID.Kind
        let purpose: Purpose

        init(
            _ prefix: String, _ action: DestinationAction, _ chat: ChatID.Kind, _ purpose: Purpose
        ) {
            self.prefix = prefix
            self.action = action
            self.chat = chat
            self.purpose = purpose
        }
    }

    /// The destinations that end in the number of a chat room.
    private static let roomDestinations = [
        RoomDestination("/pub/chat/message/", .publish, .open, .messages),
        RoomDestination("/sub/chat/", .subscribe, .open, .messages),
        RoomDestination("/pub/chat/enter/", .publish, .open, .entering),
        RoomDestination("/sub/enter/", .subscribe, .open, .entering),
        RoomDestination("/sub/events/", .subscribe, .open, .events),
        RoomDestination("/pub/chat/typing/", .publish, .open, .typing),
        RoomDestination("/pub/chat/read/", .publish, .open, .reading),
        RoomDestination("/pub/tradechat/message/", .publish, .trade, .messages),
        RoomDestination("/sub/tradechat/", .subscribe, .trade, .messages),
        RoomDestination("/sub/tradeevents/", .subscribe, .trade, .events),
        RoomDestination("/pub/tradechat/typing/", .publish, .trade, .typing),
        RoomDestination("/pub/tradechat/read/", .publish, .trade, .reading),
    ]

    /// The room with this number, which the user may be in.
    private func chat(
        _ kind: ChatID.Kind, _ text: Substring, for user: UserID
    ) async throws(Refusal) -> ChatID {
        guard let number = Int64(text), number > 0, String(number) == text else {
            throw Refusal(.noSuchDestination, "there is no such room")
        }
        switch kind {
        case .open:
            do {
                try await openChats.check(number, for: user)
            } catch {
                throw Refusal(error)
            }
        case .trade:
            do {
                try await tradeChats.check(number, for: user)
            } catch {
                throw Refusal(error)
            }
        }
        return ChatID(kind, number)
    }

    /// Sessions, rooms and the store keep topics' names.
    private static let topicBytesMax = 200

    private func topic(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) throws(Refusal) -> Route {
        let name = destination.dropFirst("/topic/".count)
        guard let route = topic(named: name) else {
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
        return .room(route)
    }

    /// The stream of a generic topic; nil where that can't be its name.
    private func topic(named name: Substring) -> RoomRoute? {
        guard (1...Self.topicBytesMax).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { return nil }
        return RoomRoute(
            stream: StreamName("topic/\(name)"),
            policy: RoomPolicy(retention: settings.retention(String(name))),
            compose: { body, type in Content(body: body, type: type) })
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

extension Refusal {
    fileprivate init(_ error: OpenChatError) {
        switch error {
        case .store: self = .unknownRoom
        case .forbidden: self.init(.forbidden, "you are kept out of this room")
        case .noSuchRoom, .invalid, .tooManyRooms, .tooManyBans: self = .noSuchRoom
        }
    }

    fileprivate init(_ error: TradeChatError) {
        switch error {
        case .store: self = .unknownRoom
        case .forbidden: self.init(.forbidden, "this room is the buyer's and the seller's")
        case .noSuchRoom, .noSuchTrade, .yourOwn: self = .noSuchRoom
        }
    }

    private static let noSuchRoom = Refusal(.noSuchDestination, "there is no such room")
    private static let unknownRoom = Refusal(
        .storeUnavailable, "the room could not be looked up", retryAfterMs: 1_000)
}
