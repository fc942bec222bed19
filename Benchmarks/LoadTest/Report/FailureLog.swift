/// Why connections ended, each reason once with the number of times it occurred; a bounded number of
/// reasons.
struct FailureLog: Sendable {
    private var counts: [(reason: String, count: Int)] = []

    private static let reasonsMax = 8

    mutating func add(_ failure: ClientFailure) {
        let reason = failure.description
        if let index = counts.firstIndex(where: { $0.reason == reason }) {
            counts[index].count += 1
        } else if counts.count < Self.reasonsMax {
            counts.append((reason, 1))
        }
    }

    /// `3 × disconnected`, in the order in which the reasons first occurred.
    var lines: [String] { counts.map { "\($0.count) × \($0.reason)" } }
}
