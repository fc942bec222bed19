import Measure

/// What a run with traffic came to.
struct TrafficReport: Codable, Hashable, Sendable {
    var scenario: String
    var connections: Int
    /// Nil where the sender alone knows.
    var rooms: Int?
    /// Asked for, a second; nil where the sender alone knows.
    var rate: Int?
    /// Measured, without the warm-up.
    var seconds: Double
    /// Counts from here to `failures` hold for the warm-up, too.
    var sent: Int64
    var expected: Int64
    var delivered: Int64
    var deliveriesPerSecond: Double
    /// On the wire, framing included.
    var bytesPerDelivery: Double
    var lost: Int64
    var duplicated: Int64
    var reordered: Int64
    var misplaced: Int64
    var contradicted: Int64
    var strayed: Int64
    /// Messages that could not leave: their connection was gone, or its server did not read.
    var unsent: Int64
    /// Receipts that never came.
    var receiptsMissing: Int64
    /// Why connections ended during the run.
    var failures: [String]
    /// From the scheduled time to the receipt by each member, in milliseconds.
    var latency: LatencySummary
    /// From the scheduled time to the RECEIPT; nil where none was asked for.
    var receiptLatency: LatencySummary?
    /// How late the generator itself was.
    var lateness: LatencySummary
    var generator: UsageWindow?
    var server: UsageWindow?
    /// CPU time of the server for each delivery of the measured window, in microseconds.
    var serverCPUPerDeliveryUs: Double?
    /// In the measured window; nil where the sender alone knows.
    var publishesPerSecond: Double?
    /// Unfinished messages that a closed loop allowed; nil for one at fixed times.
    var window: Int?
    /// Members of each room that read what they got; the others only counted it. Nil: all read.
    var sampledMembers: Int?
    /// Reasons to mistrust the figures.
    var warnings: [String] = []

    /// Whether nothing went wrong.
    var isClean: Bool {
        lost == 0 && duplicated == 0 && reordered == 0 && misplaced == 0 && contradicted == 0
            && strayed == 0 && unsent == 0 && receiptsMissing == 0 && failures.isEmpty
    }

    private var shape: String {
        guard let rooms else { return "\(connections) connections" }
        let pace = rate.map { "\($0) msg/s" } ?? window.map { "\($0) unfinished" } ?? ""
        return "\(rooms) × \(connections / rooms) members, \(pace)"
    }

    /// The table for people.
    var text: String {
        var rows: [(String, String)] = [
            ("scenario", "\(scenario): \(shape), \(seconds.fixed(1)) s"),
            (
                "sent",
                "\(sent), warm-up included"
                    + (publishesPerSecond.map { "   \($0.fixed(0))/s" } ?? "")
            ),
            (
                "delivered",
                "\(delivered) of \(expected)   \(deliveriesPerSecond.fixed(0))/s   "
                    + "\(bytesPerDelivery.fixed(0)) bytes each"
            ),
            (
                "wrong",
                "lost \(lost)  duplicated \(duplicated)  reordered \(reordered)  "
                    + "misplaced \(misplaced)  contradicted \(contradicted)  strayed \(strayed)"
            ),
            ("latency", latency.text),
        ]
        if let receiptLatency {
            rows.append(("receipts", receiptLatency.text + "   missing \(receiptsMissing)"))
        }
        if unsent > 0 { rows.append(("unsent", "\(unsent)")) }
        if let generator {
            rows.append(
                (
                    "generator",
                    "\(generator.cpuSeconds.fixed(2)) s CPU   "
                        + "\((generator.share * 100).fixed(0)) % of a core   "
                        + "late by p99 \(lateness.p99.fixed(2)) ms"
                ))
        }
        if let server {
            let each = serverCPUPerDeliveryUs.map { "\($0.fixed(2)) µs CPU per delivery   " } ?? ""
            rows.append(
                (
                    "server",
                    "\(each)\((server.share * 100).fixed(0)) % of a core   "
                        + "\((Double(server.residentBytes) / 1_048_576).fixed(1)) MiB resident"
                ))
        }
        if let sampledMembers {
            rows.append(("sampled", "\(sampledMembers) of each room read, the others counted"))
        }
        rows += failures.map { ("failed", $0) }
        rows += warnings.map { ("warning", $0) }
        return table(rows)
    }
}

/// Two columns, one row a line.
func table(_ rows: [(name: String, value: String)]) -> String {
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    return rows.map { row in
        row.name + String(repeating: " ", count: width - row.name.count) + row.value + "\n"
    }.joined()
}
