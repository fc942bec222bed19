import Measure

/// What a crowd of silent connections costs the server.
struct IdleReport: Codable, Hashable, Sendable {
    var scenario = "idle"
    /// Where the connections went.
    var nodes: [String] = []
    var connections: Int
    /// Connections that still answered at the end.
    var alive: Int
    var residentBytesBefore: Int64
    var residentBytesAfter: Int64
    var residentBytesPerConnection: Double
    /// Of one core, while nobody said anything.
    var serverShare: Double
    /// Why connections ended.
    var failures: [String]
    /// What the processes used over time; nil where nobody took it down.
    var timeline: TimelineSummary?

    /// Whether all of them were there to the end.
    var isClean: Bool { alive == connections && failures.isEmpty }

    private var groups: [ResultTable.Group] {
        [
            ("connections", ["\(alive.grouped) of \(connections.grouped) alive at the end"]),
            (
                "memory",
                [
                    "\(residentBytesPerConnection.grouped) bytes per connection",
                    "\(residentBytesBefore.bytesText) before, \(residentBytesAfter.bytesText) after",
                ]
            ),
            ("server", ["\((serverShare * 100).fixed(1)) % of a core"]),
        ] + failures.map { ("failed", [$0]) }
    }

    /// The table for people.
    var text: String {
        var table = ResultTable("idle: \(connections.grouped) connections")
        table.add(groups)
        return table.text
    }

    /// The picture of the run.
    func plot(subtitle: [String]) -> Plot {
        Plot(
            title: "idle: \(connections.grouped) connections", subtitle: subtitle,
            deliveries: Histogram(), receipts: nil, timeline: timeline ?? .empty, measured: nil,
            fanOut: 1, figures: groups, warnings: [])
    }
}
