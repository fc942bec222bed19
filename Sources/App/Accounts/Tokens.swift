import Engine
import Transport

/// What a sign-in or a rotation hands out.
package struct TokenPair: Sendable {
    package let accessToken: String
    let accessLifetime: Duration
    let refreshToken: String
    let refreshLifetime: Duration
}

/// Hands out tokens, rotates them, takes them back, and says who bears one.
///
/// A session (the "family" of its refresh tokens) is one lease in the store, which every rotation
/// rewrites: it holds the hash of the one refresh token that is good now. A logged-out access token
/// is a lease of its own until it would have expired anyway.
package struct Tokens: Sendable {
    package struct Settings: Sendable {
        /// `iss` of the tokens minted here.
        var issuer = "petnexus"
        var accessLifetime = Duration.seconds(15 * 60)
        /// How long a session lasts after its last rotation.
        var refreshLifetime = Duration.seconds(14 * 24 * 60 * 60)
    }

    private static let revokeAttemptsMax = 8
    /// How many unexpired access tokens a session may have; who rotates faster loses the oldest.
    private static let accessTokensMax = 16

    private let store: any Store
    private let keys: SigningKeys
    private let settings: Settings
    private let authority: AuthorityLog
    private let random: RandomBytes
    private let now: @Sendable () -> Int64
    private let verified = VerifiedTokens()

    /// `now` gives milliseconds since 1970.
    package init(
        store: any Store, keys: SigningKeys, settings: Settings = Settings(),
        authority: AuthorityLog,
        random: @escaping RandomBytes = SystemRandom.bytes,
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.keys = keys
        self.settings = settings
        self.authority = authority
        self.random = random
        self.now = now
    }

    /// Opens a session for somebody who has just signed in.
    package func open(for account: Account) async throws(TokenError) -> TokenPair {
        let refreshToken = RefreshToken(random: random)
        return try await grant(refreshToken, to: account, expecting: .absent)
    }

    /// Who bears this access token. Its signature and times must hold, it must not be revoked, and
    /// the account must not be disabled.
    ///
    /// Name and role are the account's present ones. A token of another issuer that shares our key
    /// speaks for itself, and its user need not have an account here.
    package func verify(_ accessToken: String) async throws(TokenError) -> Identity {
        let known = verified.entry(of: accessToken)
        let claims: TokenClaims
        do throws(JSONWebTokenError) {
            if let known {
                claims = known.claims
                try JSONWebToken.checkTimes(of: claims, nowMs: now())
            } else {
                claims = try JSONWebToken.verify(accessToken, with: keys, nowMs: now())
            }
        } catch {
            throw .rejected(error)
        }

        let record = try await accountRecord(of: claims.user, unlessRevoked: claims.id)
        // The same record says the same, and it was found good before.
        if let known, known.account == record { return known.identity }
        let claimed = Identity(
            user: claims.user, name: claims.name, role: claims.role, tokenID: claims.id,
            issuer: claims.issuer, expiresAtMs: Self.endMs(of: claims),
            publishPatterns: claims.publishPatterns, subscribePatterns: claims.subscribePatterns)
        let identity = try present(claimed, in: record)
        verified.remember(
            VerifiedTokens.Entry(claims: claims, account: record, identity: identity),
            for: accessToken)
        return identity
    }

    /// Who somebody is now whose token was found good before, but for its times.
    package func verifyAnew(_ identity: Identity) async throws(TokenError) -> Identity {
        try present(
            identity,
            in: try await accountRecord(of: identity.user, unlessRevoked: identity.tokenID))
    }

    /// A new pair for a refresh token, which is used up by it. Using one twice, be it at the same
    /// time, ends its session: one of the two users is a thief, and nobody can tell which.
    func rotate(_ refreshToken: String) async throws(TokenError) -> TokenPair {
        guard let token = RefreshToken(refreshToken),
            let (session, version) = try await session(token.sessionKey)
        else { throw .unknownRefreshToken }
        guard ConstantTime.equal(Array(session.secretHash.utf8), Array(token.secretHash.utf8))
        else {
            try await revokeSession(token.sessionKey)
            throw .reusedRefreshToken
        }
        guard let account = try await account(UserID(session.userNumber)), !account.isDisabled,
            account.passwordVersion == session.passwordVersion
        else {
            try await revokeSession(token.sessionKey)
            throw .revoked
        }
        do {
            let next = RefreshToken(after: token, random: random)
            return try await grant(
                next, to: account, after: session.accessTokens, expecting: .version(version))
        } catch .store(.conflict) {
            try await revokeSession(token.sessionKey)
            throw .reusedRefreshToken
        }
    }

    /// Ends the session of a refresh token and revokes the access token it was asked with; either
    /// may be missing. Open sessions of the tokens that are revoked end.
    func logOut(_ identity: Identity?, refreshToken: String?) async throws(TokenError) {
        if let identity, let tokenID = identity.tokenID, let endMs = identity.expiresAtMs {
            try await commit(
                [Self.revocation(of: IssuedToken(id: tokenID, endMs: endMs))],
                revokingOf: identity.user)
        }
        if let token = refreshToken.flatMap({ RefreshToken($0) }) {
            try await revokeSession(token.sessionKey)
        }
    }
}

extension Tokens {
    /// Ends a user's sessions and revokes their access tokens, but for the session that got `tokenID`:
    /// that one goes on under the account's present password.
    func endSessions(of account: Account, keeping tokenID: String?) async throws(TokenError) {
        for key in try await sessions(of: account.id) {
            guard let (session, _) = try await session(key) else {
                try await commit([Self.listing(of: key, account.id).deletion], revokingOf: nil)
                continue
            }
            if let tokenID, session.accessTokens.contains(where: { $0.id == tokenID }) {
                try await moveSession(key, to: account)
            } else {
                try await revokeSession(key)
            }
        }
    }

    /// Lets a session go on though the password is another one.
    private func moveSession(_ key: RecordKey, to account: Account) async throws(TokenError) {
        var attempts = 0
        while let (found, version) = try await session(key) {
            attempts += 1
            var session = found
            session.passwordVersion = account.passwordVersion
            let end = try await records([key])[0]?.expiresAtMs
            do {
                return try await commit(
                    [
                        .put(
                            key, value: StoredValue.encode(session), expecting: .version(version),
                            expiresAtMs: end)
                    ], revokingOf: nil)
            } catch .store(.conflict) where attempts < Self.revokeAttemptsMax {
                continue  // A rotation came between.
            }
        }
    }

    /// The end of a token's authority: clock skew included, so that a token is never accepted and
    /// expired at once.
    private static func endMs(of claims: TokenClaims) -> Int64 {
        (claims.expiresAtSeconds + JSONWebToken.clockSkewSeconds) * 1000
    }

    /// The account's record, if it has one, of a user whose token is not revoked.
    private func accountRecord(
        of user: UserID, unlessRevoked tokenID: String?
    ) async throws(TokenError) -> Record? {
        let records = try await records(
            [Account.key(user)] + (tokenID.map { [Self.revocationKey($0)] } ?? []))
        guard records.count == 1 || records[1] == nil else { throw .revoked }
        return records[0]
    }

    /// An identity as the account's record has it. Another issuer's speaks for itself, unless the
    /// account is disabled.
    private func present(
        _ identity: Identity, in record: Record?
    ) throws(TokenError) -> Identity {
        let account = try record.map { record throws(TokenError) in
            try decode(Account.self, from: record, at: Account.key(identity.user))
        }
        let isOurs = identity.issuer == settings.issuer
        guard account?.isDisabled != true, account != nil || !isOurs else { throw .revoked }
        guard isOurs, let account else { return identity }
        return identity.present(in: account)
    }

    private static func revocationKey(_ tokenID: String) -> RecordKey {
        RecordKey("revoked-token", tokenID)
    }

    private static func revocation(of token: IssuedToken) -> Change {
        .put(revocationKey(token.id), value: [], expiresAtMs: token.endMs)
    }

    /// Mints an access token and stores the session that has `refreshToken` as its good one and
    /// `earlier` as the access tokens it got before.
    private func grant(
        _ refreshToken: RefreshToken, to account: Account, after earlier: [IssuedToken] = [],
        expecting expectation: Expectation
    ) async throws(TokenError) -> TokenPair {
        let nowMs = now()
        let issuedAtSeconds = nowMs / 1000
        let tokenID = Base64.encodeURL(random(16))
        let claims = TokenClaims(
            issuer: settings.issuer, user: account.id, name: account.nickname, role: account.role,
            issuedAtSeconds: issuedAtSeconds,
            expiresAtSeconds: issuedAtSeconds + settings.accessLifetime.components.seconds,
            id: tokenID)
        let issued =
            earlier.filter { $0.endMs > nowMs }
            + [IssuedToken(id: tokenID, endMs: Self.endMs(of: claims))]
        let session = LoginSession(
            userNumber: account.id.rawValue, passwordVersion: account.passwordVersion,
            secretHash: refreshToken.secretHash,
            accessTokens: issued.suffix(Self.accessTokensMax))
        let revocations = issued.dropLast(Self.accessTokensMax).map(Self.revocation)
        do {
            try await commit(
                [
                    .put(
                        refreshToken.sessionKey, value: StoredValue.encode(session),
                        expecting: expectation,
                        expiresAtMs: nowMs + settings.refreshLifetime.milliseconds),
                    Self.listing(of: refreshToken.sessionKey, account.id).insertion,
                ] + revocations, revokingOf: revocations.isEmpty ? nil : account.id)
        } catch .store(.unavailable(let cause)) {
            // It may have happened all the same. Whoever were told that it had not would come again
            // with the token before, and be taken for a thief.
            guard
                try await self.session(refreshToken.sessionKey)?.session.secretHash
                    == session.secretHash
            else { throw .store(.unavailable(cause)) }
        }
        return TokenPair(
            accessToken: JSONWebToken.sign(claims, with: keys),
            accessLifetime: settings.accessLifetime,
            refreshToken: refreshToken.text,
            refreshLifetime: settings.refreshLifetime)
    }

    /// Ends a session, unless it is over already, and revokes the access tokens it got.
    private func revokeSession(_ key: RecordKey) async throws(TokenError) {
        var attempts = 0
        while let (session, version) = try await session(key) {
            attempts += 1
            let nowMs = now()
            let unexpired = session.accessTokens.filter { $0.endMs > nowMs }
            do {
                let user = UserID(session.userNumber)
                return try await commit(
                    [
                        .remove(key, expecting: .version(version)),
                        Self.listing(of: key, user).deletion,
                    ] + unexpired.map(Self.revocation), revokingOf: user)
            } catch .store(.conflict) where attempts < Self.revokeAttemptsMax {
                continue  // A rotation came between: its access token must be revoked, too.
            }
        }
    }

    /// A session among those of its user. Leases end without a word, so some that are listed may be
    /// over.
    private static func listing(of session: RecordKey, _ user: UserID) -> Listing {
        Listing("\(session.collection)/of/\(user)", [], session.id)
    }

    private func sessions(of user: UserID) async throws(TokenError) -> [RecordKey] {
        let collection = RefreshToken.sessionCollection
        let listing = Self.listing(of: RecordKey(collection, ""), user)
        do {
            return try await store.entries(
                of: listing.index, in: .all, descending: false, skip: 0, limit: .max
            ).map { RecordKey(collection, $0.id) }
        } catch {
            throw .store(error)
        }
    }

    private func session(
        _ key: RecordKey
    ) async throws(TokenError) -> (session: LoginSession, version: UInt64)? {
        guard let record = try await records([key])[0] else { return nil }
        return (try decode(LoginSession.self, from: record, at: key), record.version)
    }

    private func account(_ id: UserID) async throws(TokenError) -> Account? {
        let key = Account.key(id)
        guard let record = try await records([key])[0] else { return nil }
        return try decode(Account.self, from: record, at: key)
    }

    private func records(_ keys: [RecordKey]) async throws(TokenError) -> [Record?] {
        do {
            return try await store.records(keys)
        } catch {
            throw .store(error)
        }
    }

    /// Commits changes that may revoke tokens of a user.
    private func commit(
        _ changes: [Change], revokingOf user: UserID?
    ) async throws(TokenError) {
        do {
            try await authority.commit(
                changes, user == nil ? [] : [.tokens], of: user ?? .server)
        } catch {
            throw .store(error)
        }
    }

    private func decode<Value: Decodable>(
        _ type: Value.Type, from record: Record, at key: RecordKey
    ) throws(TokenError) -> Value {
        do {
            return try StoredValue.decode(type, from: record, at: key)
        } catch {
            throw .store(error)
        }
    }

    /// What the store knows of a session.
    private struct LoginSession: Codable {
        let userNumber: Int64
        var passwordVersion: Int
        /// Of the one refresh token that is good.
        let secretHash: String
        /// Those that had not expired when the newest was granted, oldest first.
        let accessTokens: [IssuedToken]
    }

    /// An access token that may have to be revoked.
    private struct IssuedToken: Codable {
        let id: String
        let endMs: Int64
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
