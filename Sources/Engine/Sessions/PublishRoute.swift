/// A destination that a session has published to, with what it was found to lead to: the next
/// message needs neither the directory nor a search for the room.
struct PublishRoute: Sendable {
    private let destination: ExactText
    let compose: RoomRoute.Compose
    /// The room as it was found last. One that has closed since passes drafts on to its successor.
    private(set) var room: Room

    init(destination: String, route: RoomRoute, in rooms: Rooms) {
        self.destination = ExactText(destination)
        compose = route.compose
        room = rooms.room(named: route.stream, policy: route.policy)
    }

    /// Finds the room anew where it has closed.
    mutating func refresh(in rooms: Rooms) {
        if room.hasClosed { room = rooms.room(named: room.name, policy: room.policy) }
    }

    /// Whether messages to this destination go this way.
    func leads(to destination: String) -> Bool {
        self.destination.equals(destination)
    }
}
