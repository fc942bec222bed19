import Measure

/// The nodes that connections go to: one server, or several that are one site.
struct Nodes: Hashable, Sendable {
    /// Never empty; all of one scheme.
    let targets: [Target]

    /// Reads a flag that names a node each time it is given.
    init(_ values: FlagValues, of flag: String, schemes: [Scheme]) throws(FlagError) {
        var targets: [Target] = []
        for url in values.texts(flag) {
            targets.append(try Target(url: url, of: "--" + flag, schemes: schemes))
        }
        guard let first = targets.first else { throw .missingFlag("--" + flag) }
        guard targets.allSatisfy({ $0.scheme == first.scheme }) else {
            throw .contradiction("every --\(flag) must begin with the same \(first.scheme)://")
        }
        self.targets = targets
    }

    /// Where accounts and rooms are made.
    var first: Target { targets[0] }

    /// What they are called in reports.
    var names: [String] { targets.map(\.authority) }

    /// The node of a room's member: the members of a room are spread over all nodes, and so are
    /// those of the same number in all rooms.
    func index(room: Int, member: Int) -> Int { (room + member) % targets.count }

    /// The node of a connection that only publishes: where there are several, another than that of
    /// the first member of its first room.
    func index(publisher: Int) -> Int { index(room: publisher, member: 1) }
}
