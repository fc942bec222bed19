import Engine
import Transport

/// Who is in which room, by what claimants say.
struct RedisPresence {
    struct Claimant {
        let id: [UInt8]
        /// Nil once it is ending.
        var leaseEndMs: Int64?
        /// Streams and users, in the order in which they were claimed.
        var claims: [Claim] = []
    }

    /// A claimant's word that a user is there.
    struct Claim: Equatable {
        let stream: [UInt8]
        let user: [UInt8]
    }

    struct Member {
        let claim: Claim
        var name: [UInt8]
        var count: Int
    }

    var claimants: [Claimant] = []
    /// In the order in which they came.
    var members: [Member] = []

    /// Where a claimant stands that has not ended.
    func place(of id: [UInt8]) -> Int? {
        claimants.firstIndex { $0.id == id && $0.leaseEndMs != nil }
    }
}

extension RedisDataSet {
    /// Runs one of the scripts about presence.
    mutating func runPresence(
        _ script: String, _ arguments: [[UInt8]], atMs nowMs: Int64
    ) -> Outcome {
        var outcome = Outcome(reply: .string(Array("DONE".utf8)))
        let id = arguments[2]
        switch script {
        case "begin":
            lease(id, untilMs: nowMs + number(arguments[3]))
        case "enter":
            enter(arguments, &outcome)
        case "leave":
            leave(arguments, &outcome)
        case "tend":
            tend(arguments, atMs: nowMs, &outcome)
        case "quit":
            end(id, at: arguments[1], &outcome)
        case "attendance":
            outcome.reply = attendance(of: id)
        default:
            preconditionFailure("no such script: \(script)")
        }
        return outcome
    }

    private mutating func lease(_ id: [UInt8], untilMs endMs: Int64) {
        if let place = presence.claimants.firstIndex(where: { $0.id == id }) {
            presence.claimants[place].leaseEndMs = endMs
        } else {
            presence.claimants.append(RedisPresence.Claimant(id: id, leaseEndMs: endMs))
        }
    }

    private static let gone = RedisValue.string(Array("GONE".utf8))

    private mutating func enter(_ arguments: [[UInt8]], _ outcome: inout Outcome) {
        guard let place = presence.place(of: arguments[2]) else {
            return outcome.reply = Self.gone
        }
        for index in stride(from: 4, to: arguments.count, by: 2) {
            let claim = RedisPresence.Claim(stream: arguments[3], user: arguments[index])
            let name = arguments[index + 1]
            let isNew = !presence.claimants[place].claims.contains(claim)
            if isNew { presence.claimants[place].claims.append(claim) }
            let member = presence.members.firstIndex { $0.claim == claim }
            if let member {
                presence.members[member].name = name
                presence.members[member].count += isNew ? 1 : 0
            } else {
                presence.members.append(RedisPresence.Member(claim: claim, name: name, count: 1))
                tell("joined", claim, name, arguments[1], &outcome)
            }
        }
    }

    private mutating func leave(_ arguments: [[UInt8]], _ outcome: inout Outcome) {
        guard let place = presence.place(of: arguments[2]) else {
            return outcome.reply = Self.gone
        }
        for user in arguments[4...] {
            let claim = RedisPresence.Claim(stream: arguments[3], user: user)
            let countBefore = presence.claimants[place].claims.count
            presence.claimants[place].claims.removeAll { $0 == claim }
            if presence.claimants[place].claims.count < countBefore {
                take(claim, arguments[1], &outcome)
            }
        }
    }

    private mutating func tend(
        _ arguments: [[UInt8]], atMs nowMs: Int64, _ outcome: inout Outcome
    ) {
        guard let own = presence.place(of: arguments[2]) else { return outcome.reply = Self.gone }
        let hasSlept = presence.claimants[own].leaseEndMs.map { $0 <= nowMs } ?? false
        lease(arguments[2], untilMs: nowMs + number(arguments[3]))
        guard arguments[4] == Array("1".utf8), !hasSlept else { return }
        for place in presence.claimants.indices
        where presence.claimants[place].leaseEndMs.map({ $0 <= nowMs }) ?? false {
            presence.claimants[place].leaseEndMs = nil
        }
        guard let first = presence.claimants.first(where: { $0.leaseEndMs == nil }) else { return }
        end(first.id, at: arguments[1], &outcome)
        if presence.claimants.contains(where: { $0.leaseEndMs == nil }) {
            outcome.reply = .string(Array("MORE".utf8))
        }
    }

    /// Ends a claimant and what it claims.
    private mutating func end(
        _ id: [UInt8], at nowMs: [UInt8], _ outcome: inout Outcome
    ) {
        guard let place = presence.claimants.firstIndex(where: { $0.id == id }) else { return }
        let claimant = presence.claimants.remove(at: place)
        for claim in claimant.claims { take(claim, nowMs, &outcome) }
    }

    private mutating func take(
        _ claim: RedisPresence.Claim, _ nowMs: [UInt8], _ outcome: inout Outcome
    ) {
        guard let member = presence.members.firstIndex(where: { $0.claim == claim }) else { return }
        presence.members[member].count -= 1
        guard presence.members[member].count == 0 else { return }
        let name = presence.members.remove(at: member).name
        tell("left", claim, name, nowMs, &outcome)
    }

    private mutating func tell(
        _ change: String, _ claim: RedisPresence.Claim, _ name: [UInt8], _ nowMs: [UInt8],
        _ outcome: inout Outcome
    ) {
        let kind = "presence/\(change)"
        let line = " \(text(nowMs)) \(name.count) \(kind.utf8.count)\n"
        let entry = claim.user + Array(line.utf8) + name + Array(kind.utf8)
        _ = announce(Self.passingKey(claim.stream), entry, &outcome)
    }

    private mutating func attendance(of stream: [UInt8]) -> RedisValue {
        let members = presence.members.filter { $0.claim.stream == stream }
        return .array(
            use(Self.passingKey(stream))
                + members.flatMap { [.string($0.claim.user), .string($0.name)] })
    }
}
