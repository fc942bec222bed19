import Measure

/// How everybody came back at once.
struct StormReport: Codable, Hashable, Sendable {
    var scenario = "storm"
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

    /// Whether everybody has everything, once and in order, and nothing was refused.
    var isClean: Bool {
        behind == 0 && refused == 0 && lost == 0 && duplicated == 0 && reordered == 0
            && misplaced == 0 && contradicted == 0 && strayed == 0 && failures.isEmpty
            && answers.keys.allSatisfy { $0 == "complete" }
    }

    /// The table for people.
    var text: String {
        let all = resumedSeconds.map { "all after \($0.fixed(2)) s" } ?? "\(behind) never"
        let told = answers.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        var rows: [(String, String)] = [
            (
                "scenario",
                "storm: \(connections) clients in \(rooms) rooms, cut off for "
                    + "\(cutSeconds.fixed(1)) s, missed \(missed) messages each"
            ),
            ("resumed", all + "   " + resume.text),
            ("answers", told.isEmpty ? "none" : told.joined(separator: "  ")),
            ("publishes", "\(sent) sent, \(refused) refused   receipts \(receiptLatency.text)"),
            ("delivered", "\(delivered) of \(expected)"),
            (
                "wrong",
                "lost \(lost)  duplicated \(duplicated)  reordered \(reordered)  "
                    + "misplaced \(misplaced)  contradicted \(contradicted)  strayed \(strayed)"
            ),
        ]
        if let generator {
            rows.append(("generator", "\((generator.share * 100).fixed(0)) % of a core"))
        }
        if let server {
            rows.append(
                (
                    "server",
                    "\((server.share * 100).fixed(0)) % of a core   "
                        + "\((Double(server.residentBytes) / 1_048_576).fixed(1)) MiB resident"
                ))
        }
        rows += failures.map { ("failed", $0) }
        rows += warnings.map { ("warning", $0) }
        return table(rows)
    }
}
