/// Who is in a room through this node: one entry a user, however many subscriptions they have here,
/// and for a while after the last of them went.
///
/// A pure state machine: the room actor performs what it decides.
struct Occupancy: Sendable {
    private struct Occupant {
        var name: String
        /// 0 during an absence.
        var subscriptionCount: Int
        /// The latest absence: the end of an earlier one's grace means nothing.
        var absence: UInt64 = 0
    }

    /// The time in which somebody without a subscription still counts as there.
    struct Absence: Hashable, Sendable {
        let user: UserID
        fileprivate let number: UInt64
    }

    enum Departure: Sendable {
        /// Whoever comes back within the grace was never away.
        case withGrace
        /// Sent out: away at once.
        case atOnce
    }

    enum Arrival: Hashable {
        /// Somebody new, or a new name.
        case news
        case known
    }

    enum Leaving: Hashable {
        /// The user has a subscription here, still or again.
        case stays
        /// Ask again, by `end`, when the grace is over.
        case absent(Absence)
        case gone
    }

    private var occupants: [UserID: Occupant] = [:]
    private var absenceLast: UInt64 = 0

    /// Whether nobody is there, absent or not.
    var isEmpty: Bool { occupants.isEmpty }

    /// Counts a subscription in.
    mutating func enter(_ member: Member) -> Arrival {
        guard let known = occupants[member.user] else {
            occupants[member.user] = Occupant(name: member.name, subscriptionCount: 1)
            return .news
        }
        occupants[member.user]?.subscriptionCount += 1
        guard known.name != member.name else { return .known }
        occupants[member.user]?.name = member.name
        return .news
    }

    /// Gives somebody who is there another name; known where it is no other, or they are not there.
    mutating func rename(_ member: Member) -> Arrival {
        guard let known = occupants[member.user], known.name != member.name else { return .known }
        occupants[member.user]?.name = member.name
        return .news
    }

    /// Counts a subscription out that was counted in.
    mutating func leave(_ user: UserID, _ departure: Departure) -> Leaving {
        guard var occupant = occupants[user], occupant.subscriptionCount > 0 else {
            preconditionFailure("who leaves a room has entered it")
        }
        occupant.subscriptionCount -= 1
        if occupant.subscriptionCount > 0 {
            occupants[user] = occupant
            return .stays
        }
        switch departure {
        case .atOnce:
            occupants[user] = nil
            return .gone
        case .withGrace:
            absenceLast += 1
            occupant.absence = absenceLast
            occupants[user] = occupant
            return .absent(Absence(user: user, number: absenceLast))
        }
    }

    /// Ends an absence's grace: the user is gone with it, unless they came back meanwhile.
    mutating func end(_ absence: Absence) -> Leaving {
        guard let occupant = occupants[absence.user], occupant.subscriptionCount == 0,
            occupant.absence == absence.number
        else { return .stays }
        occupants[absence.user] = nil
        return .gone
    }
}
