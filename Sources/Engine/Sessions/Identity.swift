/// What an account may do beyond its own things.
public enum Role: String, Sendable, Codable {
    case user = "USER"
    case admin = "ADMIN"
}

/// Who is on the other end, as a valid token or a sign-in says.
///
/// A class, since every session and every publish refers to it.
public final class Identity: Sendable {
    public let user: UserID
    /// The name others see.
    public let name: String
    public let role: Role
    /// The token's `jti`; nil where the session signed in with a password.
    public let tokenID: String?
    /// The token's `iss`; nil where it says none, or where the session signed in with a password.
    public let issuer: String?
    /// Which of the account's passwords the session signed in with; nil where it showed a token.
    public let passwordVersion: Int?
    /// Milliseconds since 1970 at which the authority ends; nil: with the session.
    public let expiresAtMs: Int64?
    /// Patterns of generic topics the token may publish to (`*` one segment, `**` the rest).
    public let publishPatterns: [String]
    /// Patterns of generic topics the token may subscribe to.
    public let subscribePatterns: [String]

    public init(
        user: UserID, name: String, role: Role, tokenID: String? = nil, issuer: String? = nil,
        passwordVersion: Int? = nil, expiresAtMs: Int64? = nil, publishPatterns: [String] = [],
        subscribePatterns: [String] = []
    ) {
        self.user = user
        self.name = name
        self.role = role
        self.tokenID = tokenID
        self.issuer = issuer
        self.passwordVersion = passwordVersion
        self.expiresAtMs = expiresAtMs
        self.publishPatterns = publishPatterns
        self.subscribePatterns = subscribePatterns
    }
}
