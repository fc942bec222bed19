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
    /// Something to be done for whoever publishes here; nobody subscribes to it.
    case command(Command)
}

/// Does what a client asks for by a SEND that is no publication: the receipt follows when it
/// returns. Until then it counts as an unfinished publish of the session.
///
/// Begun on the session's loop, in the order of the requests; each may be done before those that
/// were begun earlier.
public typealias Command =
    @Sendable (_ request: PublishRequest, _ identity: Identity) async throws(Refusal) -> Void

/// The community's answer to "what is this destination, and may this user?".
public protocol Directory: Sendable {
    /// Decides about a destination. Asked once per session and destination on publish, and once per
    /// SUBSCRIBE.
    func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route
}
