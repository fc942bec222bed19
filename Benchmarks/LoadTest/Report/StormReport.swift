import Measure

/// How everybody came back at once.
struct StormReport: Codable, Hashable, Sendable {
    var scenario = "storm"
    /// While all came back; empty where there was only one.
    var nodes: [NodeUsage] = []
    var connections: Int
    var rooms: Int
    /// Messages of each room that its members missed.
    var missed: Int
    /// How long all were cut off.
    var cutSeconds: Double
    /// From the end of the cut to the moment when a client had all it had missed, in milliseconds.
    var resume: LatencySummary
    /// From the end of the cut until the last client had it all; nil where one never had.
    var resumedSeconds: Double?
    /// Clients that never had it all.
    var behind: Int
    /// How the server said that subscriptions go on: `complete`, `gap`, `reset`.
    var answers: [String: Int]
    var sent: Int64
    /// Publishes that were refused, or had no receipt, or could not leave.
    var refused: Int64
    /// From publishing to the receipt while all came back, in milliseconds.
    var receiptLatency: LatencySummary
    var expected: Int64
    var delivered: Int64
    var lost: Int64
    var duplicated: Int64
    var reordered: Int64
    var misplaced: Int64
    var contradicted: Int64
    var strayed: Int64
    /// Why connections ended.
    var failures: [String]
    var generator: UsageWindow?
    /// While all came back.
    var server: UsageWindow?
    /// Reasons to mistrust the figures.
    var warnings: [String]
    /// What happened when; nil where nobody took it down.
    var timeline: TimelineSummary?

    /// Whether everybody has everything, once and in order, and nothing was refused.
    var isClean: Bool {
        behind == 0 && refused == 0 && wrong.isEmpty && failures.isEmpty
            && answers.keys.allSatisfy { $0 == "complete" }
    }

    // MARK: For people

    private var wrong: [String] {
        ResultTable.counts([
            ("lost", lost), ("duplicated", duplicated), ("reordered", reordered),
            ("misplaced", misplaced), ("contradicted", contradicted), ("strayed", strayed),
        ])
    }

    private var title: String {
        "storm: \(connections.grouped) clients in \(rooms.grouped) rooms come back at once"
    }

    private var stormGroups: [ResultTable.Group] {
        let all =
            resumedSeconds.map { "all had it after \($0.fixed(2)) s" }
            ?? "\(behind.grouped) never had it all"
        let told = answers.sorted { $0.key < $1.key }.map { "\($0.value.grouped) × \($0.key)" }
        return [
            ("missed", ["\(missed.grouped) each, in \(cutSeconds.fixed(1)) s", all]),
            ("answers", told.isEmpty ? ["none"] : told),
            ("publishes", ["\(sent.grouped) sent", "\(refused.grouped) refused"]),
            ("traffic", ["\(delivered.grouped) of \(expected.grouped) delivered"]),
            ("correctness", wrong.isEmpty ? ["every delivery once and in order"] : wrong),
        ]
    }

    private var usageGroups: [ResultTable.Group] {
        [
            ("server", server.map { [$0.shareText, $0.residentText] } ?? [])
        ] + nodes.map { ("node " + $0.node, $0.facts) } + [
            ("generator", generator.map { [$0.shareText] } ?? [])
        ] + failures.map { ("failed", [$0]) }
    }

    /// The table for people.
    var text: String {
        var table = ResultTable(title)
        table.add(stormGroups)
        table.add([("resume", resume), ("receipts", receiptLatency)])
        table.add(usageGroups)
        table.warn(warnings)
        return table.text
    }

    /// The picture of the run, with microseconds as `resume` and `receiptLatency` have them.
    func plot(subtitle: [String], resumes: Histogram, receipts: Histogram?) -> Plot {
        Plot(
            title: title, subtitle: subtitle, deliveries: resumes, receipts: receipts,
            curveNames: ("resume", "receipts"), timeline: timeline ?? .empty, measured: nil,
            fanOut: Double(connections / max(1, rooms)), figures: stormGroups + usageGroups,
            warnings: warnings)
    }
}
