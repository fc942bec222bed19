import Engine

/// A directory in which everybody may do everything in `/topic/…`, one stream each, and in
/// `/chat/…`, whose members are known and announced in `/events/…`.
///
/// `/errors` is the error queue, `/forbidden` nobody's, a command's name runs it, everything else is
/// nothing. A body that says `too large` is.
public struct OpenDirectory: Directory {
    private let policy: RoomPolicy
    private let commands: [String: Command]
    private let waits: @Sendable () async -> Void

    /// Every room has the same policy. Each answer comes after `waiting` has returned.
    public init(
        _ policy: RoomPolicy = RoomPolicy(retention: Retention(countMax: 10_000)),
        commands: [String: Command] = [:],
        waiting waits: @escaping @Sendable () async -> Void = {}
    ) {
        self.policy = policy
        self.commands = commands
        self.waits = waits
    }

    public func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        await waits()
        if destination == "/errors" { return .errors }
        if destination == "/forbidden" { throw Refusal(.forbidden, "nobody may") }
        if let command = commands[destination] { return .command(command) }
        guard let policy = policy(of: destination) else {
            throw Refusal(.noSuchDestination, "there is no \(destination)")
        }
        let stream = StreamName(String(destination.dropFirst()))
        return .room(RoomRoute(stream: stream, policy: policy, compose: Self.compose))
    }

    /// The policy of the room that a destination stands for; nil where it stands for none.
    public func policy(of destination: String) -> RoomPolicy? {
        if destination.hasPrefix("/topic/") { return policy }
        if destination.hasPrefix("/events/") {
            return RoomPolicy(retention: .nothing, isEphemeral: true)
        }
        guard destination.hasPrefix("/chat/") else { return nil }
        let events = StreamName("events/\(destination.dropFirst("/chat/".count))")
        return RoomPolicy(retention: policy.retention, presence: events)
    }

    private static let compose: RoomRoute.Compose = { body, contentType throws(Refusal) in
        if body == Array("too large".utf8) { throw Refusal(.tooLarge, "it says so") }
        return Content(body: body, type: contentType)
    }
}

/// Knows everybody who shows the word, by the number that comes as the login.
public struct WordAuthenticator: Authenticator {
    private let word: String
    private let waits: @Sendable () async -> Void

    /// Each answer comes after `waiting` has returned.
    public init(_ word: String, waiting waits: @escaping @Sendable () async -> Void = {}) {
        self.word = word
        self.waits = waits
    }

    public func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
        await waits()
        guard credentials.secret == word else {
            throw Refusal(.badCredentials, "the word is another")
        }
        let number = credentials.login.flatMap { Int64($0) } ?? 1
        return Identity(user: UserID(number), name: "user \(number)", role: .user)
    }

    public func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity { identity }
}
