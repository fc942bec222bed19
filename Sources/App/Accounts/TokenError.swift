import Engine

/// Why a token got its bearer nothing.
package enum TokenError: Error, Hashable, Sendable {
    /// The access token is not one of ours or not valid now.
    case rejected(JSONWebTokenError)
    /// The session was logged out, or the account is disabled or gone.
    case revoked
    /// The refresh token is unknown: never ours, expired, or of a session that is over.
    case unknownRefreshToken
    /// The refresh token had been used before. Whoever used it, the whole session is over now.
    case reusedRefreshToken
    case store(StoreError)
}
