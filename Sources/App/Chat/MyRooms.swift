import Engine

/// The open chats that a user is a member of, with what is unread there.
package struct MyRooms: Sendable {
    struct Item: Sendable {
        let chat: OpenChat
        /// The newest message; nil where none is kept.
        let newest: Publication?
        let unreadCount: UInt64
        /// How far the user has read; nil: nothing.
        let read: Position?
        /// What the item is true for.
        let position: Position

        /// When something was last said, or the room was made.
        var activityMs: Int64 { newest?.timestampMs ?? chat.createdAtMs }
    }

    /// What the list can be sorted by. The raw values are part of the wire.
    enum Order: String, CaseIterable, Sendable {
        case activity
        /// The room's making.
        case createdAt
    }

    private let openChats: OpenChats
    private let destinations: Destinations
    private let cursors: ReadCursors
    private let broker: any Broker

    package init(
        openChats: OpenChats, destinations: Destinations, cursors: ReadCursors,
        broker: any Broker
    ) {
        self.openChats = openChats
        self.destinations = destinations
        self.cursors = cursors
        self.broker = broker
    }

    /// A page of a user's rooms, and how many there are in all.
    func list(
        of user: UserID, by order: Order, skip: Int, limit: Int, oldestFirst: Bool
    ) async throws(StoreError) -> (items: [Item], total: Int) {
        let chats = try await openChats.rooms(of: user)
        guard !chats.isEmpty else { return ([], 0) }
        // Before the cursors: a message that is read in between is at most counted as unread.
        let streams: [StreamTop]
        do throws(BrokerError) {
            streams = try await broker.tops(
                of: chats.map { destinations.chat($0.id).stream },
                keeping: destinations.chat(chats[0].id).policy.retention)
        } catch {
            throw StoreError(error)
        }
        let read = try await cursors.positions(of: user, in: chats.map(\.id))
        let items = chats.indices.map { place in
            Item(
                chat: chats[place], newest: streams[place].newest,
                unreadCount: Self.unreadCount(
                    in: streams[place], after: read[place], by: user),
                read: read[place],
                position: Position(epoch: streams[place].epoch, offset: streams[place].top))
        }
        let sorted = items.sorted { left, right in
            let (first, second) = oldestFirst ? (left, right) : (right, left)
            return switch order {
            case .activity:
                (first.activityMs, first.chat.id) < (second.activityMs, second.chat.id)
            // Numbers are given in the order of making.
            case .createdAt: first.chat.id < second.chat.id
            }
        }
        return (Array(sorted.dropFirst(skip).prefix(limit)), sorted.count)
    }

    /// How many of the messages that are kept the user has not read. Who said the last one has read
    /// what was said before.
    ///
    /// A stream that has begun a new life may have gone on where it was, as when Redis is started
    /// again: what was read before counts as read, unless there are fewer messages now.
    static func unreadCount(
        in stream: StreamTop, after read: Position?, by user: UserID
    ) -> UInt64 {
        if stream.newest?.sender == user { return 0 }
        let offset = read?.offset ?? 0
        let isMeant = read?.epoch == stream.epoch || offset <= stream.top
        let seen = max(isMeant ? offset : 0, stream.floor - 1)
        return stream.top > seen ? stream.top - seen : 0
    }
}

extension StoreError {
    /// What the log's trouble is to who needs both.
    fileprivate init(_ error: BrokerError) {
        switch error {
        case .unavailable(let reason): self = .unavailable(reason)
        case .overloaded: self = .unavailable("the log has too much to do")
        }
    }
}
