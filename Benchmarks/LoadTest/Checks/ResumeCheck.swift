import Measure

/// What every member of every room missed while it was cut off, and when it has caught up.
///
/// Connection `i` is a member of room `i % roomCount`.
struct ResumeCheck: Sendable {
    /// From the moment that all may come back to that at which a member had all it had missed.
    private(set) var delays = Histogram()
    /// Members that have not caught up.
    private(set) var behindCount: Int
    private let fromUs: Int64
    private let roomCount: Int
    /// The last message of each room that was sent before all came back.
    private let lastMissed: [Int64]
    /// Messages that each member still misses.
    private var missing: [Int64]

    /// All may come back at `fromUs`; `missed` are the numbers of the messages of each room that
    /// nobody saw, the same number of them in each.
    init(fromUs: Int64, connectionCount: Int, missed: [ClosedRange<Int64>]) {
        self.fromUs = fromUs
        roomCount = missed.count
        lastMissed = missed.map(\.upperBound)
        missing = (0..<connectionCount).map { Int64(missed[$0 % missed.count].count) }
        behindCount = connectionCount
    }

    /// Takes a message that a member had not had before.
    mutating func deliver(_ sequence: Int64, connection: Int, atUs nowUs: Int64) {
        guard sequence <= lastMissed[connection % roomCount], missing[connection] > 0 else {
            return
        }
        missing[connection] -= 1
        if missing[connection] == 0 {
            behindCount -= 1
            delays.record(nowUs - fromUs)
        }
    }
}
