import Engine

/// A room of the simulated community.
struct RoomSpec: Sendable {
    let number: Int
    let destination: String
    let stream: StreamName
    let policy: RoomPolicy

    /// A room to talk in, or the events of one.
    private init(_ number: Int, _ name: String, _ policy: RoomPolicy) {
        self.number = number
        self.policy = policy
        destination = "/room/\(name)"
        stream = StreamName("room/\(name)")
    }

    private init(_ number: Int, _ name: String, keeping countMax: Int, events: Bool = false) {
        let policy = RoomPolicy(
            retention: Retention(countMax: countMax),
            presence: events ? StreamName("room/events of \(name)") : nil)
        self.init(number, name, policy)
    }

    private init(_ number: Int, eventsOf name: String) {
        self.init(
            number, "events of \(name)", RoomPolicy(retention: .nothing, isEphemeral: true))
    }

    /// Whether it is the events of another room.
    var isEvents: Bool { policy.isEphemeral }

    var isKept: Bool { policy.retention.countMax > 0 }

    /// Those to talk in: two that remember, one that remembers little, one that remembers nothing.
    static let talked = [
        RoomSpec(0, "a", keeping: 100_000, events: true),
        RoomSpec(1, "b", keeping: 100_000, events: true),
        RoomSpec(2, "short", keeping: 12),
        RoomSpec(3, "passing", keeping: 0),
    ]

    static let all = talked + [RoomSpec(4, eventsOf: "a"), RoomSpec(5, eventsOf: "b")]
}
