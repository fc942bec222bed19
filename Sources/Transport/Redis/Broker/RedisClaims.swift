import Engine

/// What one link of a node claims of who is in rooms, and what of it the server may not know.
struct RedisClaims {
    /// Who is in the room of a stream, by name.
    private(set) var names: [StreamName: [UserID: String]] = [:]
    /// Whose last word may not have arrived. While the link is closed, that is everything, and
    /// nothing is written down.
    private(set) var due: [StreamName: Set<UserID>] = [:]

    /// Who is in which room, in an order that depends on nothing else.
    var all: [(stream: StreamName, members: [Member])] {
        names.sorted { $0.key.text < $1.key.text }.map { stream, names in
            (
                stream,
                names.sorted { $0.key.rawValue < $1.key.rawValue }
                    .map { Member(user: $0, name: $1) }
            )
        }
    }

    /// The streams that something is to be said again of, likewise.
    var dueStreams: [StreamName] { due.keys.sorted { $0.text < $1.text } }

    mutating func enter(_ member: Member, _ stream: StreamName) {
        names[stream, default: [:]][member.user] = member.name
    }

    /// False where nobody said that the user is there.
    mutating func leave(_ user: UserID, _ stream: StreamName) -> Bool {
        guard names[stream]?.removeValue(forKey: user) != nil else { return false }
        if names[stream]?.isEmpty == true { names[stream] = nil }
        return true
    }

    /// What was said of these users may not have arrived.
    mutating func failed(_ users: [UserID], _ stream: StreamName) {
        due[stream, default: []].formUnion(users)
    }

    /// What is to be said again of a stream.
    mutating func takeDue(_ stream: StreamName) -> (present: [Member], absent: [UserID]) {
        guard let due = due.removeValue(forKey: stream) else { return ([], []) }
        let users = due.sorted { $0.rawValue < $1.rawValue }
        let present = users.compactMap { user in
            names[stream]?[user].map { Member(user: user, name: $0) }
        }
        return (present, users.filter { names[stream]?[$0] == nil })
    }

    /// Everything is to be said anew.
    mutating func forgetDue() {
        due = [:]
    }
}
