/// What a crowd of silent connections costs the server.
struct IdleReport: Codable, Hashable, Sendable {
    var scenario = "idle"
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

    /// Whether all of them were there to the end.
    var isClean: Bool { alive == connections && failures.isEmpty }

    /// The table for people.
    var text: String {
        func mebibytes(_ bytes: Int64) -> String {
            (Double(bytes) / 1_048_576).fixed(1) + " MiB"
        }
        return table(
            [
                ("scenario", "idle: \(connections) connections, \(alive) alive at the end"),
                (
                    "server",
                    "\(mebibytes(residentBytesBefore)) resident before, "
                        + "\(mebibytes(residentBytesAfter)) after: "
                        + "\(residentBytesPerConnection.fixed(0)) bytes per connection   "
                        + "\((serverShare * 100).fixed(1)) % of a core"
                ),
            ] + failures.map { ("failed", $0) })
    }
}
