/// A room and what the community makes of what is said in it.
public struct RoomRoute: Sendable {
    public let stream: StreamName
    public let policy: RoomPolicy
    /// Turns what the client sent into what is stored. Must return at once.
    public let compose: Compose

    public typealias Compose =
        @Sendable (_ body: [UInt8], _ contentType: String) throws(Refusal) -> Content

    public init(
        stream: StreamName, policy: RoomPolicy,
        compose: @escaping Compose
    ) {
        self.stream = stream
        self.policy = policy
        self.compose = compose
    }
}

/// A body and its media type.
public struct Content: Sendable {
    public let body: [UInt8]
    public let type: String

    public init(body: [UInt8], type: String) {
        self.body = body
        self.type = type
    }
}

/// What is the same for everybody in a room.
public struct RoomPolicy: Sendable {
    public let retention: Retention
    /// Whether only the newest matters of what one sender says in one content type: typing, coming
    /// and going. Such events are joined for a client that reads too slowly, and dropped where even
    /// that is too much, so that its positions may jump. They jump, too, over what got lost on the
    /// way here; where nothing follows it, `Room.missedContentType` says so.
    public let isEphemeral: Bool
    /// The passing-through stream of the room's events: who subscribes to the room is a member there
    /// (`Broker.enter`), and who types here is announced there. Nil: nobody is told of either.
    public let presence: StreamName?
    /// What members receive for a stored publication; nil: the stored body as it is.
    public let render: (@Sendable (Publication) -> Content)?
    /// Told how far a member has read. Called on a loop for every message; must return at once.
    public let read: (@Sendable (Identity, Position, ReadSign) -> Void)?

    /// By what a room knows that a member has read.
    public enum ReadSign: Sendable {
        /// Who says something has read what was said before.
        case published
        case acknowledged
    }

    public init(
        retention: Retention, isEphemeral: Bool = false, presence: StreamName? = nil,
        render: (@Sendable (Publication) -> Content)? = nil,
        read: (@Sendable (Identity, Position, ReadSign) -> Void)? = nil
    ) {
        self.retention = retention
        self.isEphemeral = isEphemeral
        self.presence = presence
        self.render = render
        self.read = read
    }

    /// The publication as members see it.
    public func rendered(_ publication: Publication) -> Publication {
        guard let render else { return publication }
        let content = render(publication)
        return Publication(
            offset: publication.offset, sender: publication.sender,
            senderName: publication.senderName, contentType: content.type, body: content.body,
            timestampMs: publication.timestampMs)
    }
}
