import Measure

/// What a run with traffic came to.
struct TrafficReport: Codable, Hashable, Sendable {
    var scenario: String
    var connections: Int
    /// Nil where the sender alone knows.
    var rooms: Int?
    /// Asked for, a second; nil where the sender alone knows, or as many as possible are sent.
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
    /// In the measured window; empty where there was only one.
    var nodes: [NodeUsage] = []
    /// Reasons to mistrust the figures.
    var warnings: [String] = []
    /// What happened when; nil where nobody took it down.
    var timeline: TimelineSummary?

    /// Whether nothing went wrong.
    var isClean: Bool {
        wrong.isEmpty && unsent == 0 && receiptsMissing == 0 && failures.isEmpty
    }

    // MARK: For people

    /// What is wrong with the deliveries, each kind with its number.
    private var wrong: [String] {
        ResultTable.counts([
            ("lost", lost), ("duplicated", duplicated), ("reordered", reordered),
            ("misplaced", misplaced), ("contradicted", contradicted), ("strayed", strayed),
        ])
    }

    /// The shape of the run, without its scenario.
    var shape: String {
        guard let rooms else { return "\(connections.grouped) connections" }
        let pace =
            rate.map { ", \($0.grouped) msg/s" } ?? window.map { ", \($0.grouped) unfinished" }
        return "\(rooms.grouped) × \((connections / max(1, rooms)).grouped) members" + (pace ?? "")
    }

    private var trafficGroups: [ResultTable.Group] {
        let rate = publishesPerSecond.map { ["\($0.grouped)/s"] } ?? []
        let sampled = sampledMembers.map { ["read by \($0.grouped) of each room, else counted"] }
        let others = ResultTable.counts([
            ("receipts missing", receiptsMissing), ("unsent", unsent),
        ])
        return [
            ("published", ["\(sent.grouped) with the warm-up"] + rate),
            (
                "delivered",
                [
                    "\(delivered.grouped) of \(expected.grouped)",
                    "\(deliveriesPerSecond.grouped)/s", "\(bytesPerDelivery.grouped) bytes each",
                ] + (sampled ?? [])
            ),
            (
                "correctness",
                (wrong.isEmpty ? ["every delivery once and in order"] : wrong) + others
            ),
        ]
    }

    private var usageGroups: [ResultTable.Group] {
        let each = serverCPUPerDeliveryUs.map { ["\($0.fixed(2)) µs CPU per delivery"] } ?? []
        let late = lateness.count > 0 ? ["late by p99 \(lateness.p99.significant) ms"] : []
        return [
            ("server", server.map { each + [$0.shareText, $0.residentText] } ?? [])
        ] + nodes.map { ("node " + $0.node, $0.facts) } + [
            ("generator", generator.map { [$0.shareText] + late } ?? [])
        ] + failures.map { ("failed", [$0]) }
    }

    /// The table for people.
    var text: String {
        var table = ResultTable("\(scenario): \(shape), \(seconds.fixed(1)) s")
        table.add(trafficGroups)
        table.add([("deliveries", latency)] + (receiptLatency.map { [("receipts", $0)] } ?? []))
        table.add(usageGroups)
        table.warn(warnings)
        return table.text
    }

    /// The picture of the run. Histograms are of microseconds, as `latency` and `receiptLatency`
    /// have them; `measured` has the seconds of the timeline that the results are of.
    func plot(
        subtitle: [String], deliveries: Histogram, receipts: Histogram?,
        measured: ClosedRange<Double>?
    ) -> Plot {
        Plot(
            title: "\(scenario): \(shape)", subtitle: subtitle, deliveries: deliveries,
            receipts: receipts, timeline: timeline ?? .empty, measured: measured,
            fanOut: sent > 0 ? Double(expected) / Double(sent) : 1,
            figures: trafficGroups + usageGroups, warnings: warnings)
    }
}
