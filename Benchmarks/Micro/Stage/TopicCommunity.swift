import Engine
import Transport

/// Lets everybody publish and subscribe to every destination, one stream each.
struct TopicDirectory: Directory {
    let retention: Retention

    func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        .room(
            RoomRoute(
                stream: StreamName(String(destination.dropFirst())),
                policy: RoomPolicy(retention: retention),
                compose: { body, type in Content(body: body, type: type) }))
    }
}

/// Knows everybody.
struct OpenDoor: Authenticator {
    func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
        Identity(user: UserID(42), name: "Mina", role: .user)
    }

    func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity { identity }
}

/// Has no pages.
struct NoPages: HTTPResponder {
    func respond(to request: HTTPRequest) async -> HTTPAnswer {
        .response(refusal(.notFound))
    }
}
