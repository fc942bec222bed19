/// A destination that a session has published to, with what it was found to lead to: the next
/// message needs neither the directory nor a search for the room.
struct PublishRoute: Sendable {
    enum Target: Sendable {
        /// The room as it was found last. One that has closed since passes drafts on to its
        /// successor.
        case room(Room, RoomRoute.Compose)
        case command(Command)
    }

    private let destination: ExactText
    /// `Rooms.closingCount` when it was found.
    private let closingCount: UInt64
    private(set) var target: Target

    init(destination: String, target: Target, as closingCount: UInt64) {
        self.destination = ExactText(destination)
        self.target = target
        self.closingCount = closingCount
    }

    /// Finds the room anew where it has closed.
    mutating func refresh(in rooms: Rooms) throws(Refusal) {
        if case .room(let room, let compose) = target, room.hasClosed {
            target = try .room(rooms.room(named: room.name, policy: room.policy), compose)
        }
    }

    /// Whether messages to this destination go this way, now that rooms were closed so many times.
    func leads(to destination: String, as closingCount: UInt64) -> Bool {
        self.closingCount == closingCount && self.destination.equals(destination)
    }
}
