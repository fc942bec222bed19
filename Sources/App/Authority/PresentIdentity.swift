import Engine

extension Identity {
    /// The same authority under the account's present name and role; itself where they are the same.
    func present(in account: Account) -> Identity {
        guard name != account.nickname || role != account.role else { return self }
        return Identity(
            user: user, name: account.nickname, role: account.role, tokenID: tokenID,
            issuer: issuer, passwordVersion: passwordVersion, expiresAtMs: expiresAtMs,
            publishPatterns: publishPatterns, subscribePatterns: subscribePatterns)
    }
}
