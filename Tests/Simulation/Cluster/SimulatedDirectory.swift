import Engine

/// Knows the rooms of `RoomSpec` and the error queue. Each answer takes as long as the world likes.
struct SimulatedDirectory: Directory {
    let mailbox: Mailbox

    func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        await withCheckedContinuation { mailbox.post(.wait($0)) }
        if destination == Self.errors { return .errors }
        guard let room = RoomSpec.all.first(where: { $0.destination == destination }) else {
            throw Refusal(.noSuchDestination, "there is no \(destination)")
        }
        return .room(
            RoomRoute(stream: room.stream, policy: room.policy) { body, contentType in
                Content(body: body, type: contentType)
            })
    }

    static let errors = "/errors"
}

/// Nobody is asked who they are here: sessions are opened with an identity.
struct NoAuthenticator: Authenticator {
    func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
        throw Refusal(.badCredentials, "nobody signs in here")
    }

    func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity { identity }
}
