import Engine

/// A room of the simulated community.
struct RoomSpec: Sendable {
    let number: Int
    let destination: String
    let stream: StreamName
    let policy: RoomPolicy

    init(number: Int, _ name: String, keeping countMax: Int) {
        self.number = number
        destination = "/room/\(name)"
        stream = StreamName("room/\(name)")
        policy = RoomPolicy(retention: Retention(countMax: countMax))
    }

    var isKept: Bool { policy.retention.countMax > 0 }

    /// All of them: two that remember, one that remembers little, one that remembers nothing.
    static let all = [
        RoomSpec(number: 0, "a", keeping: 100_000),
        RoomSpec(number: 1, "b", keeping: 100_000),
        RoomSpec(number: 2, "short", keeping: 12),
        RoomSpec(number: 3, "passing", keeping: 0),
    ]
}
