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

/// The community's answer to "what is this destination, and may this user?".
public protocol Directory: Sendable {
    /// Decides about a destination. Asked once per session and destination on publish, and once per
    /// SUBSCRIBE.
    func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route
}
