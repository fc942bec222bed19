/// How rough a run is: which faults come, and how often.
final class Weather {
    /// Whether faults happen; off while the world comes to rest.
    var isRaging = true
    let hubLatencyMs: ClosedRange<Int64>
    let clientLatencyMs: ClosedRange<Int64>
    /// In a thousand.
    let stalledCommits: Int
    let failedCommits: Int
    let lostReplies: Int
    let lostAnnouncements: Int
    let repeatedAnnouncements: Int
    /// The big faults that may come, and the mean time between two of them.
    let blows: [Blow]
    let calmMs: Int64
    let chaosMs: Int64
    /// Whether announcements reach rooms from a loop of the node, as with a broker whose connection
    /// lives on one, or from a thread of their own.
    let announcesOnLoop: Bool

    /// Draws some of the blows that may come.
    init(_ dice: Dice, blows all: [Blow]) {
        func rate(_ choices: [Int]) -> Int { dice.pick(choices) }
        hubLatencyMs = dice.pick([0...1, 0...5, 1...30])
        clientLatencyMs = dice.pick([0...2, 1...20, 5...80])
        stalledCommits = rate([0, 0, 5, 30])
        failedCommits = rate([0, 0, 10, 60])
        lostReplies = rate([0, 0, 5, 30])
        lostAnnouncements = rate([0, 0, 10, 100])
        repeatedAnnouncements = rate([0, 0, 20, 200])
        blows = all.filter { _ in dice.oneIn(2) }
        calmMs = dice.pick([400, 1_500, 5_000])
        chaosMs = dice.pick([10_000, 20_000, 40_000])
        announcesOnLoop = dice.oneIn(2)
    }
}

/// A fault that befalls a part of the world at some moment.
enum Blow: CaseIterable {
    case nodeCrash
    case brokenHubLine
    case partition
    case hubCrash
    case hubRefusal
    case commitStall
    case lostData
    case loopStall
    case clockStep
    case brokenClientLine
    case silentClientLine
    case heldClientLine
    case clientCrash
    case lull
    // What can befall Redis, or connections to it, alone.
    case failover
    case demotion
    case flush
    case subscriberOverrun
    case silentConnection
    case forgottenScripts

    /// Those that may come where this is what the nodes share.
    static func all(of kind: CoreKind) -> [Blow] {
        switch kind {
        case .hub: allCases.filter { !$0.isOfRedis }
        case .redis: allCases
        }
    }

    private var isOfRedis: Bool {
        switch self {
        case .failover, .demotion, .flush, .subscriberOverrun, .silentConnection,
            .forgottenScripts:
            true
        default: false
        }
    }
}
