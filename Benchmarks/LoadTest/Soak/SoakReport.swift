import Measure

/// What a soak has found.
struct SoakReport: Codable, Hashable, Sendable {
    /// Connections that ended without a word within one second.
    struct CutOff: Codable, Hashable, Sendable {
        /// Of the system's monotonic clock, so that whoever ended the server can compare.
        let atSecond: Int64
        let count: Int
    }

    var scenario = "soak"
    var connections: Int
    var rooms: Int
    /// The rooms' ids, for who compares the history.
    var roomIDs: [String]
    /// Where clients connected to, each time to the next.
    var nodes: [String]
    /// Whether `reset` and `gap` were to be expected.
    var mayHaveOutages: Bool
    var seed: UInt64
    var seconds: Double
    /// To rooms, of all connections together.
    var subscriptions: Int
    var tally: SoakTally
    var cutOffs: [CutOff]
    /// Why connections ended that should not have.
    var failures: [String]
    /// From writing a message to its arrival at a member that was there, in milliseconds; where the
    /// author has had the same connection from then on, so that it left at once.
    var latency: LatencySummary
    /// From writing to the receipt, of the same messages.
    var receiptLatency: LatencySummary
    var generator: UsageWindow?
    var timeline: TimelineSummary?

    /// Whether nothing was lost, doubled or out of order, and nothing else went wrong.
    var isClean: Bool { wrong.isEmpty && failures.isEmpty }

    private var wrong: [String] { tally.wrong(besideOutages: mayHaveOutages) }

    // MARK: For people

    private var title: String {
        "soak: \(connections.grouped) clients in \(rooms.grouped) rooms, "
            + "\(subscriptions.grouped) subscriptions, seed \(seed), \(seconds.fixed(0)) s"
    }

    private var groups: [ResultTable.Group] {
        [
            (
                "messages",
                [
                    "\(tally.published.grouped) published", "\(tally.receipts.grouped) receipts",
                    "\(tally.resent.grouped) sent again",
                    "\(tally.duplicatesAnswered.grouped) answered as duplicates",
                    "\(tally.refused.grouped) refused for a while",
                    "\(tally.unwritten.grouped) not written",
                ]
            ),
            (
                "deliveries",
                [
                    "\(tally.deliveries.grouped)", "\(tally.acknowledged.grouped) acknowledged",
                    "\(tally.redelivered.grouped) again where they were not",
                    "\(tally.events.grouped) events",
                ]
            ),
            (
                "clients left",
                [
                    "\(tally.leftClean.grouped) with a goodbye",
                    "\(tally.leftAbruptly.grouped) abruptly",
                    "\(tally.leftMidFrame.grouped) within a frame",
                ]
            ),
            (
                "server ended",
                [
                    "\(tally.cutOff.grouped) cut off", "\(tally.toldGoingAway.grouped) going-away",
                    "\(tally.toldTooSlow.grouped) too-slow",
                    "\(tally.unconnected.grouped) attempts in vain",
                    "\(tally.turnedAway.grouped) turned away",
                ]
            ),
            (
                "resumes",
                [
                    "\(tally.resumes.grouped)", "\(tally.resets.grouped) reset",
                    "\(tally.gaps.grouped) gap",
                    "told of \(tally.told.grouped) lost deliveries",
                ]
            ),
            (
                "totals",
                [
                    "lost \(tally.lost.grouped)", "duplicated \(tally.duplicated.grouped)",
                    "reordered \(tally.reordered.grouped)",
                ]
            ),
            ("correctness", wrong.isEmpty ? ["every delivery once and in order"] : wrong),
            ("generator", generator.map { [$0.shareText, $0.residentText] } ?? []),
        ] + failures.map { ("failed", [$0]) }
    }

    /// The table for people.
    var text: String {
        var table = ResultTable(title)
        table.add(groups)
        table.add([("deliveries", latency), ("receipts", receiptLatency)])
        return table.text
    }

    /// The picture of the run, with microseconds as the latencies have them.
    func plot(subtitle: [String], deliveries: Histogram, receipts: Histogram) -> Plot {
        Plot(
            title: title, subtitle: subtitle, deliveries: deliveries, receipts: receipts,
            timeline: timeline ?? .empty, measured: nil,
            fanOut: Double(subscriptions) / Double(max(1, rooms)), figures: groups, warnings: [])
    }
}
