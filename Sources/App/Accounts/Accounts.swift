import Engine
import Foundation

/// The community's accounts: who may sign in, under which name and in which role.
///
/// Every operation reads the store's present state and changes it in one atomic commit, so any
/// number of nodes may work on the same accounts.
package struct Accounts: Sendable {
    static let counter = "user"
    /// How often a change is tried again because somebody else changed the account meanwhile.
    private static let attemptsMax = 8

    private let store: any Store
    private let passwords: PasswordHasher
    private let throttle: any LoginThrottle
    private let authority: AuthorityLog
    private let now: @Sendable () -> Int64

    /// `now` gives milliseconds since 1970.
    package init(
        store: any Store, passwords: PasswordHasher, throttle: any LoginThrottle,
        authority: AuthorityLog, now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.passwords = passwords
        self.throttle = throttle
        self.authority = authority
        self.now = now
    }

    /// Makes an account. Of several sign-ups with the same address at the same time exactly one
    /// succeeds. Without a `username` the part before the @ becomes the nickname.
    ///
    /// Counts as an attempt of the client's `address`, since hashing the password costs as much.
    func signUp(
        email: String, password: String, username: String? = nil, from address: String
    ) async throws(AccountError) -> Account {
        let email = EmailAddress(email)
        let secret = Password(password)
        let nickname = username.map { Nickname($0) } ?? email.map { Nickname(default: $0) }
        guard let email, let secret, let nickname else {
            throw .invalid(
                [
                    email == nil ? .email : nil,
                    secret == nil ? .password() : nil,
                    username != nil && nickname == nil ? .nickname(field: "username") : nil,
                ].compactMap(\.self))
        }
        try await countAttempt(
            account: "sign-up of \(email.text)", address: "sign-up from \(address)")
        return try await add(nameKey: Account.key(email), password: secret) { id, hash, timeMs in
            Account(
                id: id, email: email, nickname: nickname, role: .user, passwordHash: hash,
                createdAtMs: timeMs)
        }
    }

    /// Makes an account without an email address, which signs in with a plain name.
    package func addByOperator(
        loginName: String, password: String, role: Role = .user
    ) async throws(AccountError) -> Account {
        let name = LoginName(loginName)
        let secret = Password(password)
        guard let name, let secret, let nickname = Nickname(name.text) else {
            throw .invalid(
                [name == nil ? .loginName : nil, secret == nil ? .password() : nil]
                    .compactMap(\.self))
        }
        return try await add(nameKey: Account.key(name), password: secret) { id, hash, timeMs in
            Account(
                id: id, loginName: name, nickname: nickname, role: role, passwordHash: hash,
                createdAtMs: timeMs)
        }
    }

    /// The account that goes by this email address or login name and has this password.
    ///
    /// Takes the same time whether the account exists or not, and counts against the limits of the
    /// name and of the client's `address`.
    func signIn(
        login: String, password: String, from address: String
    ) async throws(AccountError) -> Account {
        let nameKey = Self.nameKey(login)
        try await countAttempt(account: nameKey?.description ?? login, address: address)
        guard let nameKey, let secret = Password(password) else { throw .wrongCredentials }

        let owner = try await owner(of: nameKey)
        // An unknown name reads a record and checks a password, too: user 0 never has either.
        let account = try await account(owner ?? .server)
        guard try await isCorrect(secret, for: account?.passwordHash), let account else {
            throw .wrongCredentials
        }
        guard !account.isDisabled else { throw .disabled }
        return account
    }

    /// Who somebody is now that signed in with a password; nil where the account has another one by
    /// now, is disabled, or gone.
    func verifyAnew(_ identity: Identity) async throws(AccountError) -> Identity? {
        guard let account = try await account(identity.user), !account.isDisabled,
            account.passwordVersion == identity.passwordVersion
        else { return nil }
        return identity.present(in: account)
    }

    /// The account of a user; nil where there is none.
    func account(_ id: UserID) async throws(AccountError) -> Account? {
        try await read(id)?.account
    }

    /// The account that goes by this email address or login name.
    package func account(login: String) async throws(AccountError) -> Account? {
        guard let nameKey = Self.nameKey(login), let owner = try await owner(of: nameKey) else {
            return nil
        }
        return try await account(owner)
    }

    /// Changes what the user may change. A new password needs the old one, counts as an attempt to
    /// sign in, and ends every session that was signed in with the old one: those that showed the
    /// password itself at once, those that live by tokens at their next rotation.
    func updateProfile(
        _ id: UserID, _ change: ProfileChange, from address: String
    ) async throws(AccountError) -> Account {
        let nickname = change.nickname.flatMap { Nickname($0) }
        let secret = change.password.flatMap { Password($0.new) }
        let problems: [FieldProblem?] = [
            change.nickname != nil && nickname == nil ? .nickname() : nil,
            change.password != nil && secret == nil ? .password(field: "newPassword") : nil,
        ]
        guard problems.allSatisfy({ $0 == nil }) else {
            throw .invalid(problems.compactMap(\.self))
        }

        var exchanged: (old: PasswordHash, new: PasswordHash)?
        if let old = change.password?.old, let secret {
            exchanged = try await exchange(old, for: secret, of: id, from: address)
        }
        return try await update(
            id, with: { before in change.picture?.changes(before.image) ?? [] }
        ) { account throws(AccountError) in
            if let exchanged {
                // Somebody else may have changed it since it was checked.
                guard account.passwordHash == exchanged.old else { throw .wrongCredentials }
                account.passwordHash = exchanged.new
                account.passwordVersion += 1
            }
            if let nickname { account.nickname = nickname.text }
            if let picture = change.picture { account.image = picture.key }
        }
    }

    /// Deletes an account for good; it needs its password. Its names are free again, its sessions end,
    /// and what else it left is listed as remains.
    func delete(
        _ id: UserID, password: String, from address: String
    ) async throws(AccountError) -> Account {
        guard let (account, _) = try await read(id) else { throw .noSuchAccount }
        try await countAttempt(account: Account.key(id).description, address: address)
        guard let secret = Password(password),
            try await isCorrect(secret, for: account.passwordHash)
        else { throw .wrongCredentials }
        for _ in 0..<Self.attemptsMax {
            guard let (present, version) = try await read(id) else { throw .noSuchAccount }
            guard present.passwordHash == account.passwordHash else { throw .wrongCredentials }
            do {
                try await authority.commit(
                    [
                        .remove(Account.key(id), expecting: .version(version)),
                        DepartedUsers.listing(of: id).insertion,
                        Remains.of(Account.collection, id.rawValue).insertion,
                    ] + present.nameKeys.map { .remove($0) }, [.departed], of: id)
                return present
            } catch {
                guard case .conflict = error else { throw .store(error) }
            }
        }
        throw .store(.unavailable("the account changes too often"))
    }

    /// Gives an account another role, which its open sessions have at once.
    package func setRole(_ id: UserID, to role: Role) async throws(AccountError) -> Account {
        try await update(id) { $0.role = role }
    }

    /// Shuts an account out, which ends its open sessions, or lets it in again.
    package func setDisabled(_ id: UserID, to isDisabled: Bool) async throws(AccountError)
        -> Account
    {
        try await update(id) { $0.isDisabled = isDisabled }
    }
}

extension Accounts {
    private static func nameKey(_ login: String) -> RecordKey? {
        EmailAddress(login).map { Account.key($0) } ?? LoginName(login).map { Account.key($0) }
    }

    private func owner(of nameKey: RecordKey) async throws(AccountError) -> UserID? {
        guard let record = try await record(nameKey) else { return nil }
        guard let number = Int64(String(decoding: record.value, as: UTF8.self)) else {
            throw .store(.unavailable("the record \(nameKey) is not a user's number"))
        }
        return UserID(number)
    }

    private func record(_ key: RecordKey) async throws(AccountError) -> Record? {
        do {
            return try await store.records([key])[0]
        } catch {
            throw .store(error)
        }
    }

    private func read(
        _ id: UserID
    ) async throws(AccountError) -> (account: Account, version: UInt64)? {
        let key = Account.key(id)
        guard let record = try await record(key) else { return nil }
        do {
            let account = try StoredValue.decode(Account.self, from: record, at: key)
            return (account, record.version)
        } catch {
            throw .store(error)
        }
    }

    private func add(
        nameKey: RecordKey, password: Password,
        account: (UserID, PasswordHash, _ timeMs: Int64) -> Account
    ) async throws(AccountError) -> Account {
        // Asked first only to save the work of hashing; the commit decides.
        guard try await record(nameKey) == nil else { throw .nameTaken }
        let hash = try await hash(password)
        do {
            let id = UserID(try await store.advance(Self.counter, by: 1))
            let account = account(id, hash, now())
            try await store.commit([
                .put(nameKey, value: Array(id.description.utf8), expecting: .absent),
                .put(Account.key(id), value: StoredValue.encode(account), expecting: .absent),
            ])
            return account
        } catch .conflict(nameKey) {
            throw .nameTaken
        } catch {
            throw .store(error)
        }
    }

    /// `more` is committed with the change, by the account before it.
    private func update(
        _ id: UserID, with more: (_ before: Account) -> [Change] = { _ in [] },
        _ change: (inout Account) throws(AccountError) -> Void
    ) async throws(AccountError) -> Account {
        var attempts = 0
        while true {
            guard let (before, version) = try await read(id) else { throw .noSuchAccount }
            var account = before
            try change(&account)
            attempts += 1
            do {
                try await authority.commit(
                    [
                        .put(
                            Account.key(id), value: StoredValue.encode(account),
                            expecting: .version(version))
                    ] + more(before), account.changes(since: before), of: id)
                return account
            } catch .conflict(Account.key(id)) where attempts < Self.attemptsMax {
                continue
            } catch {
                throw .store(error)
            }
        }
    }

    private func exchange(
        _ old: String, for new: Password, of id: UserID, from address: String
    ) async throws(AccountError) -> (old: PasswordHash, new: PasswordHash) {
        guard let account = try await account(id) else { throw .noSuchAccount }
        try await countAttempt(account: Account.key(id).description, address: address)
        guard let old = Password(old), try await isCorrect(old, for: account.passwordHash) else {
            throw .wrongCredentials
        }
        return (account.passwordHash, try await hash(new))
    }

    private func countAttempt(account: String, address: String) async throws(AccountError) {
        let seconds: Int?
        do {
            seconds = try await throttle.attempt(
                account: account, address: address, nowMs: now())
        } catch {
            throw .store(error)
        }
        if let seconds { throw .throttled(retryAfterSeconds: seconds) }
    }

    private func hash(_ password: Password) async throws(AccountError) -> PasswordHash {
        do {
            return try await passwords.hash(password)
        } catch {
            throw AccountError(error)
        }
    }

    private func isCorrect(
        _ password: Password, for hash: PasswordHash?
    ) async throws(AccountError) -> Bool {
        do {
            return try await passwords.verify(password, against: hash)
        } catch {
            throw AccountError(error)
        }
    }
}
