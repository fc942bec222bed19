import Engine
import Synchronization
import TestSupport

@testable import App

/// Accounts and tokens over a store in memory, with a clock that moves when it is told to.
final class Community: Sendable {
    static let password = "correct horse"
    static let address = "192.0.2.7"

    let store: InMemoryStore
    let rendezvous = Rendezvous()
    /// Whose authority was changed, in order.
    let told = Told()
    let authority: AuthorityLog
    let accounts: Accounts
    let tokens: Tokens
    let clock: ManualClock
    let keys: SigningKeys

    init(limits: LoginLimits = .init()) throws {
        let clock = ManualClock()
        let store = InMemoryStore(now: { clock.nowMs }, schedule: rendezvous.run)
        let keys = SigningKeys(
            current: try SigningKey(id: "k1", secret: [UInt8](repeating: 1, count: 32)))
        self.clock = clock
        self.store = store
        self.keys = keys
        let told = told
        let authority = AuthorityLog(
            store: store, now: { clock.nowMs }, telling: { told.add($0) })
        self.authority = authority
        self.accounts = Accounts(
            store: store, passwords: PasswordHasher(pool: TestPool.shared),
            throttle: LocalLoginThrottle(limits), authority: authority, now: { clock.nowMs })
        self.tokens = Tokens(
            store: store, keys: keys, authority: authority, now: { clock.nowMs })
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

/// Hears whose authority was changed.
final class Told: Sendable {
    private let list = Mutex<[AuthorityNews]>([])

    var news: [AuthorityNews] { list.withLock { $0 } }

    /// Those of whom something has changed.
    var users: [UserID] {
        news.compactMap { if case .changed(let user) = $0 { user } else { nil } }
    }

    func add(_ news: AuthorityNews) {
        list.withLock { $0.append(news) }
    }
}
