import Engine
import TestSupport

@testable import App

/// Accounts and tokens over a store in memory, with a clock that moves when it is told to.
final class Community: Sendable {
    static let password = "correct horse"
    static let address = "192.0.2.7"

    let store: InMemoryStore
    let rendezvous = Rendezvous()
    let accounts: Accounts
    let tokens: Tokens
    let clock: ManualClock
    let keys: SigningKeys

    init(limits: LoginThrottle.Limits = .init()) throws {
        let clock = ManualClock()
        let store = InMemoryStore(now: { clock.nowMs }, schedule: rendezvous.run)
        let keys = SigningKeys(
            current: try SigningKey(id: "k1", secret: [UInt8](repeating: 1, count: 32)))
        self.clock = clock
        self.store = store
        self.keys = keys
        self.accounts = Accounts(
            store: store, passwords: PasswordHasher(pool: TestPool.shared),
            throttle: LoginThrottle(limits), now: { clock.nowMs })
        self.tokens = Tokens(store: store, keys: keys, now: { clock.nowMs })
    }

    /// Somebody with the usual password.
    func join(_ name: String = "mia") async throws -> Account {
        try await accounts.signUp(
            email: "\(name)@example.org", password: Self.password, from: Self.address)
    }

    func signIn(
        _ login: String = "mia@example.org", password: String = password, from address: String = "a"
    ) async throws(AccountError) -> Account {
        try await accounts.signIn(login: login, password: password, from: address)
    }

    /// Puts `json` where the store keeps `key`.
    func overwrite(_ key: RecordKey, with json: String) async throws {
        try await store.commit([.put(key, value: Array(json.utf8))])
    }
}
