import Measure

/// Connections that only publish, where members don't publish themselves.
struct Publishing: Hashable, Sendable {
    let nodes: Nodes
    let wire: Wire
    /// Room `r` is published to on connection `r` modulo this.
    let connectionCount: Int

    /// Reads `--publish-url` and `--publishers`; nil where members publish themselves.
    init?(_ values: FlagValues, membersSpeak wire: Wire, roomCount: Int) throws(FlagError) {
        guard values.has("publish-url") else {
            guard !values.has("publishers") else {
                throw .contradiction("--publishers belongs to --publish-url")
            }
            return nil
        }
        nodes = try Nodes(values, of: "publish-url", schemes: Scheme.allCases)
        self.wire = nodes.first.scheme.publishingWire(beside: wire)
        connectionCount =
            try values.count("publishers", in: 1...10_000) ?? min(roomCount, Self.usualCount)
    }

    /// Connections to the members' own nodes.
    init(to nodes: Nodes, wire: Wire, roomCount: Int) {
        self.nodes = nodes
        self.wire = wire
        connectionCount = min(roomCount, Self.usualCount)
    }

    private static let usualCount = 4
}
