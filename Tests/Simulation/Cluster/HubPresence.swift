import Engine

/// Who is in which room, by what the nodes claim. Claims live as long as their node is heard of.
struct HubPresence {
    /// Something to be announced.
    struct Event {
        let change: PresenceChange
        let member: Member
        let stream: StreamName
    }

    private struct Node {
        let id: Int
        var seenMs: Int64
        /// At most one for each stream and user.
        var claims: [Claim] = []
        /// Whether the node has said what it claims.
        var isKnown = false
    }

    private let mutant: Mutant?
    private var nodes: [Node] = []

    /// How long a node's claims outlive its last word.
    private static let leaseMs: Int64 = 8_000

    init(mutant: Mutant?) {
        self.mutant = mutant
    }

    /// Those who are in the room of a stream, by their numbers.
    func members(of stream: StreamName) -> [Member] {
        var members: [Member] = []
        for claim in nodes.flatMap(\.claims) where claim.stream == stream {
            guard !members.contains(where: { $0.user == claim.member.user }) else { continue }
            members.append(claim.member)
        }
        return members.sorted { $0.user.rawValue < $1.user.rawValue }
    }

    /// Takes note that a node lives.
    mutating func sees(_ id: Int, atMs nowMs: Int64) {
        if let place = nodes.firstIndex(where: { $0.id == id }) {
            nodes[place].seenMs = nowMs
        } else {
            nodes.append(Node(id: id, seenMs: nowMs))
        }
    }

    /// Whether the node's claims are known here.
    func knows(_ id: Int) -> Bool { nodes.contains { $0.id == id && $0.isKnown } }

    /// Does what a node asks about presence; returns what is to be announced, in order.
    mutating func take(_ request: HubRequest, from id: Int) -> [Event] {
        guard let place = nodes.firstIndex(where: { $0.id == id }) else { return [] }
        var claims = nodes[place].claims
        switch request {
        case .enter(let member, let stream):
            claims.removeAll { $0.stream == stream && $0.member.user == member.user }
            claims.append(Claim(stream: stream, member: member))
        case .leave(let user, let stream):
            claims.removeAll { $0.stream == stream && $0.member.user == user }
        case .claim(let all):
            claims = all
            nodes[place].isKnown = true
        case .subscribe, .unsubscribe, .append, .read, .tops, .attendance, .renew:
            break
        }
        return replace(claims, at: place)
    }

    /// Ends the claims of nodes that have been silent for too long.
    mutating func expire(atMs nowMs: Int64) -> [Event] {
        guard mutant != .keepsDeadMembers else { return [] }
        var events: [Event] = []
        for place in nodes.indices where nodes[place].seenMs + Self.leaseMs < nowMs {
            events += replace([], at: place)
        }
        nodes.removeAll { $0.seenMs + Self.leaseMs < nowMs }
        return events
    }

    private mutating func replace(_ claims: [Claim], at place: Int) -> [Event] {
        let before = nodes[place].claims
        nodes[place].claims = claims
        var events: [Event] = []
        for claim in before where !claims.contains(where: claim.isSame) {
            if mutant == .leavesTwice || !isClaimed(claim) {
                events.append(Event(change: .left, member: claim.member, stream: claim.stream))
            }
        }
        for claim in claims where !before.contains(where: claim.isSame) {
            let others = nodes.indices.filter { $0 != place }
            guard !others.contains(where: { nodes[$0].claims.contains(where: claim.isSame) })
            else { continue }
            events.append(Event(change: .joined, member: claim.member, stream: claim.stream))
        }
        return events
    }

    private func isClaimed(_ claim: Claim) -> Bool {
        nodes.contains { $0.claims.contains(where: claim.isSame) }
    }
}

extension Claim {
    /// Whether both are about the same user in the same room.
    fileprivate func isSame(_ other: Claim) -> Bool {
        stream == other.stream && member.user == other.member.user
    }
}
