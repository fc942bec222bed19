import Engine

/// Tells STOMP sessions who they are: by token, or by name and password.
package struct SignInGate: Authenticator {
    private let accounts: Accounts
    private let tokens: Tokens

    package init(accounts: Accounts, tokens: Tokens) {
        self.accounts = accounts
        self.tokens = tokens
    }

    package func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
        if let login = credentials.login {
            try await signIn(login, credentials)
        } else {
            try await verify(credentials.secret)
        }
    }

    package func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity {
        guard identity.passwordVersion != nil else {
            do {
                return try await tokens.verifyAnew(identity)
            } catch {
                throw Refusal(error)
            }
        }
        let present: Identity?
        do {
            present = try await accounts.verifyAnew(identity)
        } catch {
            throw Refusal(error)
        }
        guard let present else {
            throw Refusal(.revoked, "the account is closed, or has another password")
        }
        return present
    }

    private func verify(_ token: String) async throws(Refusal) -> Identity {
        do {
            return try await tokens.verify(token)
        } catch {
            throw Refusal(error)
        }
    }

    private func signIn(
        _ login: String, _ credentials: Credentials
    ) async throws(Refusal) -> Identity {
        do {
            let account = try await accounts.signIn(
                login: login, password: credentials.secret, from: credentials.address)
            return account.identity
        } catch {
            throw Refusal(error)
        }
    }
}

extension Refusal {
    /// What a session hears whose token was not accepted.
    init(_ error: TokenError) {
        switch error {
        case .rejected(.expired):
            self.init(.tokenExpired, "the token has expired")
        case .rejected, .unknownRefreshToken:
            self.init(.badCredentials, "the token is not valid")
        case .revoked, .reusedRefreshToken:
            self.init(.revoked, "the token was revoked")
        case .store:
            self.init(
                .storeUnavailable, "the token could not be checked", retryAfterMs: 1_000)
        }
    }

    /// What a session hears that could not sign in.
    init(_ error: AccountError) {
        switch error {
        case .wrongCredentials, .noSuchAccount, .invalid, .nameTaken:
            self.init(.badCredentials, "the name or the password is wrong")
        case .disabled:
            self.init(.badCredentials, "the account is disabled")
        case .throttled(let seconds):
            self.init(
                .tooFast, "too many attempts to sign in", retryAfterMs: Int64(seconds) * 1_000)
        case .overloaded:
            self.init(.tooFast, "too many sign in at once", retryAfterMs: 1_000)
        case .store:
            self.init(
                .storeUnavailable, "signing in is not possible now", retryAfterMs: 1_000)
        }
    }
}
