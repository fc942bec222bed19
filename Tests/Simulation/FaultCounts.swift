/// How often what went wrong, and how often what the faults are there to provoke came of it.
public struct FaultCounts: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case nodeCrash = "node crash"
        case brokenHubLine = "broken hub line"
        case partition = "partition"
        case hubCrash = "hub crash"
        case hubRefusal = "hub refusal"
        case commitStall = "standstill of commits"
        case lostData = "lost data"
        case loopStall = "stalled loop"
        case clockStep = "clock step"
        case brokenClientLine = "broken client line"
        case silentClientLine = "half-open client line"
        case heldClientLine = "held client line"
        case clientCrash = "client crash"
        case stalledCommit = "stalled commit"
        case failedCommit = "failed commit"
        case lostReply = "lost reply"
        case lostAnnouncement = "lost announcement"
        case repeatedAnnouncement = "repeated announcement"
        case expiredCall = "call without an answer"
        case complete = "resume: complete"
        case gap = "resume: gap"
        case reset = "resume: reset"
        case tooSlow = "too slow"
        case interrupted = "room interrupted"
        case refusal = "refusal"
        case duplicate = "duplicate publish"
        case snapshot = "snapshot"
        case lull = "lull"
        case letGo = "stream let go"
        case failover = "failover to a replica that lagged"
        case demotion = "primary made a replica"
        case flush = "data set flushed"
        case subscriberOverrun = "subscriber cut off"
        case silentConnection = "silent connection"
        case forgottenScripts = "scripts forgotten"
    }

    private var counts = [Int](repeating: 0, count: Kind.allCases.count)

    public init() {}

    mutating func count(_ kind: Kind) {
        // In the order of declaration, which is that of `allCases`.
        counts[Self.places[kind, default: 0]] += 1
    }

    /// What was counted, in a fixed order.
    public var all: [(kind: Kind, count: Int)] {
        zip(Kind.allCases, counts).map { ($0, $1) }
    }

    public mutating func add(_ other: FaultCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    private static let places = Dictionary(
        uniqueKeysWithValues: Kind.allCases.enumerated().map { ($1, $0) })
}

/// The counts of a run that is under way.
final class FaultCounter {
    private(set) var counts = FaultCounts()

    func count(_ kind: FaultCounts.Kind) {
        counts.count(kind)
    }
}
