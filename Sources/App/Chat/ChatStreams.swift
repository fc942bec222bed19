import Engine

/// What the streams of chat rooms stand for, whoever may use them.
package struct ChatStreams: Sendable {
    private let rooms: Rooms
    private let cursors: ReadCursors
    private let departed: DepartedUsers
    private let board: MessageNoticeBoard
    /// Messages that a chat room keeps.
    private let historyMax: Int

    package init(
        rooms: Rooms, cursors: ReadCursors, board: MessageNoticeBoard, departed: DepartedUsers,
        historyMax: Int
    ) {
        self.rooms = rooms
        self.cursors = cursors
        self.board = board
        self.departed = departed
        self.historyMax = historyMax
    }

    /// The stream of what is said in a room.
    func messages(of chat: ChatID) -> RoomRoute {
        let (streams, cursors, board) = (self, cursors, board)
        return RoomRoute(
            stream: chat.messages,
            policy: RoomPolicy(
                retention: Retention(countMax: historyMax), presence: chat.events,
                render: { ChatMessage.render(streams.shown($0), room: chat.number) },
                read: { reader, position, sign in
                    // The server speaks for other backends, and reads nothing.
                    if reader.user != .server {
                        cursors.mark(
                            ReadMark(
                                room: chat, user: reader.user, name: reader.name,
                                position: position, isSeen: sign == .published))
                    }
                    if sign == .published { board.said(in: chat) }
                }),
            compose: ChatMessage.compose)
    }

    /// A message as others see it: under no name where its sender's account is gone.
    func shown(_ message: Publication) -> Publication {
        guard departed.contains(message.sender) else { return message }
        return Publication(
            offset: message.offset, sender: message.sender, senderName: Person.unknown.name,
            contentType: message.contentType, body: message.body,
            timestampMs: message.timestampMs)
    }

    /// Takes note that somebody opens a room.
    func opened(_ chat: ChatID, by user: UserID) { board.opened(chat, by: user) }

    /// The stream that tells who enters a room; nothing of it is kept.
    func entering(_ chat: ChatID) -> RoomRoute {
        RoomRoute(
            stream: chat.entering,
            policy: RoomPolicy(
                retention: .nothing,
                render: { ChatMessage.renderEntering($0, room: chat.number) }),
            // Whatever the client says: the server knows who enters.
            compose: { _, _ in Content(body: [], type: "") })
    }

    /// The stream of what happens in a room beside its messages; only the server writes to it.
    func events(of chat: ChatID) -> RoomRoute {
        RoomRoute(
            stream: chat.events,
            policy: RoomPolicy(
                retention: .nothing, isEphemeral: true,
                render: { RoomEvent.render($0, room: chat.number) }),
            compose: { _, _ throws(Refusal) in
                throw Refusal(.noSuchDestination, "nobody publishes to this destination")
            })
    }

    /// Lets a room know that somebody types there.
    func typing(in chat: ChatID) -> Engine.Command {
        let (rooms, messages) = (rooms, messages(of: chat))
        return { request, identity throws(Refusal) in
            let isTyping = try RoomEvent.isTyping(request.body)
            let member = Member(user: identity.user, name: identity.name)
            try rooms.room(named: messages.stream, policy: messages.policy)
                .type(isTyping, by: member)
        }
    }

    /// Takes note of how far somebody says they have read a room.
    func reading(_ chat: ChatID) -> Engine.Command {
        let (broker, messages, cursors) = (rooms.broker, messages(of: chat), cursors)
        return { request, identity throws(Refusal) in
            let said = try ReadRequest(request.body)
            let stream: StreamTop
            do throws(BrokerError) {
                stream = try await broker.tops(
                    of: [messages.stream], keeping: messages.policy.retention)[0]
            } catch {
                throw Refusal(error)
            }
            guard let position = said.position(in: stream) else { return }
            try await cursors.store(
                ReadMark(
                    room: chat, user: identity.user, name: identity.name, position: position))
        }
    }

    /// Tells those inside that the server has changed something about a room; returns when it is
    /// told, or can't be.
    func tell(_ event: RoomEvent.Change, in chat: ChatID, atMs timestampMs: Int64) async {
        await withCheckedContinuation { continuation in
            rooms.broker.append(
                RoomEvent.draft(of: event, atMs: timestampMs), to: chat.events, keeping: .nothing
            ) { _ in continuation.resume() }
        }
    }
}
