import Engine

/// Whose authority may have changed.
public enum ChangedAuthority: Sendable, Hashable {
    case users(Set<UserID>)
    /// Nobody knows whose: changes were missed.
    case everybody
}

/// The users whose authority has changed lately, in order, for those who were asking who somebody is
/// while it did.
struct AuthorityChanges {
    /// The latest ones; older ones are taken for everybody's.
    private var latest: [UserID] = []
    /// How many there were before `latest`.
    private var forgottenCount: UInt64 = 0

    /// Changes that are remembered one by one.
    static let latestMax = 1_024

    /// A moment, for `concern`.
    var mark: UInt64 { forgottenCount + UInt64(latest.count) }

    /// Takes note of changes.
    mutating func add(_ change: ChangedAuthority) {
        switch change {
        case .users(let users):
            latest.append(contentsOf: users)
            if latest.count > Self.latestMax { forget(latest.count - Self.latestMax / 2) }
        case .everybody:
            forget(latest.count)
            // No mark of an earlier moment reaches it.
            forgottenCount += 1
        }
    }

    private mutating func forget(_ count: Int) {
        latest.removeFirst(count)
        forgottenCount += UInt64(count)
    }

    /// Whether the user's authority may have changed after a moment.
    func concern(_ user: UserID, since mark: UInt64) -> Bool {
        guard mark >= forgottenCount else { return true }
        return latest[Int(mark - forgottenCount)...].contains(user)
    }
}

extension Reactor {
    /// Lets the sessions concerned ask anew who they are and what they may.
    func authorityChanged(_ change: ChangedAuthority) {
        authorityChanges.add(change)
        for slot in slots.indices {
            guard slots[slot].user != .server, change.concerns(slots[slot].user),
                let connection = slots[slot].connection
            else { continue }
            connection.conversation.verifyAnew(over: connection, on: self)
        }
    }
}

extension Reactor {
    /// Sends a user's connections away.
    func disconnect(_ user: UserID) {
        let slots = slots.indices.filter { self.slots[$0].user == user }
        let spread = ReconnectSpread(connectionCount: slots.count * loopCount)
        for slot in slots {
            guard let connection = self.slots[slot].connection else { continue }
            connection.conversation.goAway(
                reconnectAfterMs: spread.delayMs(), over: connection, on: self)
        }
    }
}

extension ChangedAuthority {
    fileprivate func concerns(_ user: UserID) -> Bool {
        switch self {
        // Nearly always there is one, and numbers are faster compared than looked up.
        case .users(let users): users.count == 1 ? users.first == user : users.contains(user)
        case .everybody: true
        }
    }
}
