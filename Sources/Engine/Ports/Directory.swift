/// What may be done with a destination.
public enum DestinationAction: Sendable {
    case publish
    case subscribe
}

/// What a destination stands for, for one user.
public enum Route: Sendable {
    /// A room's stream.
    case room(RoomRoute)
    /// The session's own error queue: refusals come here instead of ending the session.
    case errors
}

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
    /// What members receive for a stored publication; nil: the stored body as it is.
    public let render: (@Sendable (Publication) -> Content)?

    public init(
        retention: Retention, render: (@Sendable (Publication) -> Content)? = nil
    ) {
        self.retention = retention
        self.render = render
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

/// The community's answer to "what is this destination, and may this user?".
public protocol Directory: Sendable {
    /// Decides about a destination. Asked once per session and destination on publish, and once per
    /// SUBSCRIBE.
    func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route
}

/// What a client shows to say who it is.
public struct Credentials: Sendable, Hashable {
    /// An account's email or operator-given name; nil where a token stands alone.
    public let login: String?
    /// The account's password, or the token.
    public let secret: String
    /// The peer's address, for limits on attempts.
    public let address: String

    public init(login: String?, secret: String, address: String) {
        self.login = login
        self.secret = secret
        self.address = address
    }
}

/// The community's answer to "who is this?".
public protocol Authenticator: Sendable {
    func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity
}
