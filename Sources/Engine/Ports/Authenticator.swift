/// What a client shows to say who it is.
public struct Credentials: Sendable, Hashable {
    /// An account's email or operator-given name; nil where a token stands alone.
    public let login: String?
    /// The account's password, or the token.
    public let secret: String
    /// The peer's address, for limits on attempts.
    public let address: String

    public init(login: String?, secret: String, address: String) {
        self.login = login
        self.secret = secret
        self.address = address
    }
}

/// The community's answer to "who is this?".
public protocol Authenticator: Sendable {
    func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity

    /// Who somebody is now that was let in before: the same user, under the present name and role.
    ///
    /// Refuses with `revoked` where the account, or what it signed in with, is good no more, and
    /// with `store-unavailable` where that can't be told at the moment.
    func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity
}
