import Engine

/// What the authority log says has happened.
package enum AuthorityNews: Hashable, Sendable {
    /// A user may do other things than before, or is somebody else to others.
    case changed(UserID)
    /// A room was closed to everybody.
    case closed(ChatID)
    /// A user's account is gone.
    case departed(UserID)
    /// A user's connections are to be closed, though nothing has changed.
    case disconnected(UserID)
}

/// What a look into the authority log found.
package enum AuthorityUpdate: Hashable, Sendable {
    case news(Set<AuthorityNews>)
    /// Some news were missed, and nobody knows which.
    case missedSome
}

extension AuthorityNews {
    /// What the entry of a room that was closed begins with.
    private static let closing = "closed/"

    /// What an entry of the log says; nil for what is no entry.
    init?(_ entry: IndexEntry) {
        if entry.id.hasPrefix(Self.closing) {
            guard let room = ChatID(entry.id.dropFirst(Self.closing.count)) else { return nil }
            self = .closed(room)
            return
        }
        let parts = entry.id.split(separator: "/")
        guard parts.count == 2, let number = Int64(parts[1]) else { return nil }
        self.init(AuthorityLog.Kind(rawValue: String(parts[0])), UserID(number))
    }

    /// What a change of this kind means to those who are connected. One of a later version's kinds is
    /// like any other.
    init(_ kind: AuthorityLog.Kind?, _ user: UserID) {
        switch kind {
        case .departed: self = .departed(user)
        case .disconnected: self = .disconnected(user)
        case .disabled, .enabled, .role, .nickname, .password, .tokens, .kicked, .readmitted, nil:
            self = .changed(user)
        }
    }

    var isClosing: Bool {
        if case .closed = self { true } else { false }
    }

    static func id(ofClosed room: ChatID) -> String { closing + room.text }
}
