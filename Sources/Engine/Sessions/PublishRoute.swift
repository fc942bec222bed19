/// A destination that a session has published to, with what it was found to lead to: the next
/// message needs neither the directory nor a search for the room.
struct PublishRoute: Sendable {
    private let destination: ExactText
    let compose: RoomRoute.Compose
    /// The room as it was found. One that has closed since passes drafts on to its successor.
    let room: Room

    init(destination: String, route: RoomRoute, in rooms: Rooms) {
        self.destination = ExactText(destination)
        compose = route.compose
        room = rooms.room(named: route.stream, policy: route.policy)
    }

    /// Whether messages to this destination go this way.
    func leads(to destination: String) -> Bool {
        self.destination.equals(destination)
    }
}
