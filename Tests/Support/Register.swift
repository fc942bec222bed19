import Engine
import Synchronization

/// A community on paper: what everybody is called, who is shut out, who may not be where.
///
/// It answers with what was true when it was asked, and the answer arrives when the injected
/// schedule says so: as that of a store far away.
public final class Register: Authenticator, Directory {
    private struct State {
        var names: [UserID: String] = [:]
        var shutOut: Set<UserID> = []
        var closed: [UserID: Set<String>] = [:]
        var isAway = false
        var questionCount = 0

        mutating func identity(_ identity: Identity) throws(Refusal) -> Identity {
            questionCount += 1
            if shutOut.contains(identity.user) { throw Refusal(.revoked, "shut out") }
            guard let name = names[identity.user] else { return identity }
            return Identity(user: identity.user, name: name, role: identity.role)
        }
    }

    private let directory = OpenDirectory()
    private let schedule: Schedule
    private let state = Mutex(State())

    public init(answering schedule: @escaping Schedule) {
        self.schedule = schedule
    }

    // MARK: What a test decides

    /// Names a user anew.
    public func rename(_ user: UserID, to name: String) {
        state.withLock { $0.names[user] = name }
    }

    /// Shuts a user out.
    public func shutOut(_ user: UserID) {
        state.withLock { _ = $0.shutOut.insert(user) }
    }

    /// Closes a destination to a user, or opens it again.
    public func set(_ destination: String, open isOpen: Bool, to user: UserID) {
        state.withLock { state in
            if isOpen {
                state.closed[user]?.remove(destination)
            } else {
                state.closed[user, default: []].insert(destination)
            }
        }
    }

    /// Whether nobody can tell anything.
    public var isAway: Bool {
        get { state.withLock { $0.isAway } }
        set { state.withLock { $0.isAway = newValue } }
    }

    /// How often it was asked who somebody is.
    public var questionCount: Int { state.withLock { $0.questionCount } }

    // MARK: What the engine asks

    /// Everybody is let in under the number that comes as the login.
    public func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
        let number = credentials.login.flatMap { Int64($0) } ?? 1
        return try await answer { state throws(Refusal) in
            try state.identity(
                Identity(user: UserID(number), name: "user \(number)", role: .user))
        }
    }

    public func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity {
        try await answer { state throws(Refusal) in try state.identity(identity) }
    }

    public func route(
        _ destination: String, for action: DestinationAction, by identity: Identity
    ) async throws(Refusal) -> Route {
        let user = identity.user
        try await answer { state throws(Refusal) in
            if state.closed[user]?.contains(destination) ?? false {
                throw Refusal(.forbidden, "not any more")
            }
        }
        return try await directory.route(destination, for: action, by: identity)
    }

    private func answer<Value: Sendable>(
        _ body: (inout State) throws(Refusal) -> Value
    ) async throws(Refusal) -> Value {
        let outcome = state.withLock { state in
            Result { () throws(Refusal) in
                if state.isAway { throw Refusal(.storeUnavailable, "nobody can tell") }
                return try body(&state)
            }
        }
        await withCheckedContinuation { continuation in schedule { continuation.resume() } }
        return try outcome.get()
    }
}
