import Engine
import TestSupport
import Testing

@testable import App

struct AccountsTests {
    private let community: Community
    private var accounts: Accounts { community.accounts }

    init() throws {
        community = try Community()
    }

    @Test func `signs up and signs in, however the address is typed`() async throws {
        let account = try await accounts.signUp(
            email: "  Mia.Maus@Example.ORG ", password: Community.password,
            from: Community.address)
        #expect(account.id == UserID(1))
        #expect(account.email == "mia.maus@example.org")
        #expect(account.nickname == "mia.maus")
        #expect(account.role == .user)
        #expect(account.createdAtMs == community.clock.nowMs)
        #expect(try await community.signIn("MIA.maus@example.org\n") == account)
        #expect(try await accounts.account(account.id) == account)
        #expect(try await accounts.account(login: "mia.maus@example.org") == account)
    }

    @Test func `keeps neither the password nor anything like it`() async throws {
        let account = try await community.join()
        let record = try #require(try await community.store.records([Account.key(account.id)])[0])
        let json = String(decoding: record.value, as: UTF8.self)
        #expect(!json.contains(Community.password))
        #expect(json.contains(#""passwordHash":"$y$"#))
    }

    @Test func `names every field that breaks its rules`() async throws {
        let error = await #expect(throws: AccountError.self) {
            try await accounts.signUp(
                email: "mia", password: "short", username: " \n ", from: Community.address)
        }
        guard case .invalid(let problems) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problems.map(\.field) == ["email", "password", "username"])
        await #expect(throws: AccountError.invalid([.password()])) {
            try await accounts.signUp(
                email: "mia@example.org", password: "short", from: Community.address)
        }
    }

    @Test func `gives an address to one account only`() async throws {
        _ = try await community.join()
        await #expect(throws: AccountError.nameTaken) {
            try await accounts.signUp(
                email: "MIA@example.org", password: "another one", from: Community.address)
        }
        #expect(try await community.signIn().id == UserID(1))
    }

    @Test func `lets exactly one of many sign-ups at the same time win`() async throws {
        let community = community
        community.rendezvous.expect(8)
        let winners = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<8 {
                group.addTask {
                    do {
                        _ = try await community.accounts.signUp(
                            email: "mia@example.org", password: "password \(index)",
                            from: Community.address)
                        return 1
                    } catch AccountError.nameTaken {
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(winners == 1)
    }

    @Test(arguments: [
        ("mia@example.org", "wrong horse"), ("mia@example.org", "short"),
        ("mia@example.org", ""), ("tom@example.org", Community.password), ("tom", "correct horse"),
        ("", ""), ("no such thing @", Community.password),
        ("mia@example.org", String(repeating: "x", count: 10_000)),
    ])
    func `says the same whatever is wrong`(login: String, password: String) async throws {
        _ = try await community.join()
        await #expect(throws: AccountError.wrongCredentials) {
            try await community.signIn(login, password: password)
        }
    }

    @Test func `shuts a disabled account out, once it has proved who it is`() async throws {
        let account = try await community.join()
        _ = try await accounts.setDisabled(account.id, to: true)
        await #expect(throws: AccountError.disabled) { try await community.signIn() }
        await #expect(throws: AccountError.wrongCredentials) {
            try await community.signIn(password: "wrong horse")
        }
        _ = try await accounts.setDisabled(account.id, to: false)
        #expect(try await community.signIn().id == account.id)
    }

    @Test func `lets an operator's account sign in with its plain name`() async throws {
        let robot = try await accounts.addByOperator(
            loginName: "Robot-1", password: Community.password, role: .admin)
        #expect(robot.email == nil)
        #expect(robot.nickname == "robot-1")
        #expect(try await community.signIn("ROBOT-1") == robot)
        await #expect(throws: AccountError.nameTaken) {
            try await accounts.addByOperator(loginName: "robot-1", password: Community.password)
        }
        await #expect(throws: AccountError.invalid([.loginName, .password()])) {
            try await accounts.addByOperator(loginName: "a@b", password: "short")
        }
    }

    @Test func `changes the role`() async throws {
        let account = try await community.join()
        #expect(try await accounts.setRole(account.id, to: .admin).role == .admin)
        #expect(try await accounts.account(account.id)?.role == .admin)
        await #expect(throws: AccountError.noSuchAccount) {
            try await accounts.setRole(UserID(99), to: .admin)
        }
    }

    @Test func `changes nickname and picture, and nothing that is not named`() async throws {
        let account = try await community.join()
        let changed = try await accounts.updateProfile(
            account.id, ProfileChange(nickname: " Mia 🐈 ", picture: Self.picture("a1.webp")),
            from: "a")
        #expect(changed.nickname == "Mia 🐈")
        #expect(changed.image == "a1.webp")
        let same = try await accounts.updateProfile(account.id, ProfileChange(), from: "a")
        #expect(same == changed)
        #expect(try await community.signIn() == changed)
    }

    @Test func `commits with a picture what belongs to it and to the one before`() async throws {
        let account = try await community.join()
        for (key, before) in [("a1.webp", "none"), ("b2.png", "a1.webp")] {
            _ = try await accounts.updateProfile(
                account.id, ProfileChange(picture: Self.picture(key)), from: "a")
            let record = try await community.store.records([RecordKey("picture", key)])[0]
            #expect(record.map { String(decoding: $0.value, as: UTF8.self) } == before)
        }
    }

    /// A picture whose commit writes down which one was before.
    private static func picture(_ key: String) -> ProfileChange.PictureChange {
        ProfileChange.PictureChange(key: key) { before in
            [.put(RecordKey("picture", key), value: Array((before ?? "none").utf8))]
        }
    }

    @Test func `refuses a profile that breaks rules as a whole`() async throws {
        let account = try await community.join()
        let change = ProfileChange(
            nickname: "", password: .init(old: Community.password, new: "short"))
        await #expect(
            throws: AccountError.invalid([.nickname(), .password(field: "newPassword")])
        ) {
            try await accounts.updateProfile(account.id, change, from: "a")
        }
        #expect(try await accounts.account(account.id) == account)
    }

    @Test func `changes the password for who knows the old one`() async throws {
        let account = try await community.join()
        await #expect(throws: AccountError.wrongCredentials) {
            try await accounts.updateProfile(
                account.id, ProfileChange(password: .init(old: "wrong horse", new: "new horse")),
                from: "a")
        }
        let changed = try await accounts.updateProfile(
            account.id,
            ProfileChange(password: .init(old: Community.password, new: "new horse")), from: "a")
        #expect(changed.passwordVersion == account.passwordVersion + 1)
        #expect(try await community.signIn(password: "new horse").id == account.id)
        await #expect(throws: AccountError.wrongCredentials) { try await community.signIn() }
    }

    @Test func `lets one of two changes of the password at the same time win`() async throws {
        let community = community
        let account = try await community.join()
        community.rendezvous.expect(2)
        let winners = try await withThrowingTaskGroup(of: Int.self) { group in
            for new in ["new horse 1", "new horse 2"] {
                group.addTask {
                    do {
                        _ = try await community.accounts.updateProfile(
                            account.id,
                            ProfileChange(password: .init(old: Community.password, new: new)),
                            from: "a")
                        return 1
                    } catch AccountError.wrongCredentials {
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(winners == 1)
    }

    @Test func `loses none of two changes made at the same time`() async throws {
        let account = try await community.join()
        community.rendezvous.expect(2)
        async let renamed = accounts.updateProfile(
            account.id, ProfileChange(nickname: "Mia"), from: "a")
        async let promoted = accounts.setRole(account.id, to: .admin)
        _ = try await (renamed, promoted)
        let result = try await accounts.account(account.id)
        #expect(result?.nickname == "Mia")
        #expect(result?.role == .admin)
    }

    @Test func `stops who guesses, and says for how long`() async throws {
        let community = try Community(limits: .init(perAccountPerMinute: 2))
        let account = try await community.join()
        for spelling in ["mia@example.org", "MIA@example.org "] {
            await #expect(throws: AccountError.wrongCredentials) {
                try await community.signIn(spelling, password: "wrong horse", from: spelling)
            }
        }
        await #expect(throws: AccountError.throttled(retryAfterSeconds: 30)) {
            try await community.signIn()
        }
        community.clock.advance(byMs: 30_000)
        #expect(try await community.signIn() == account)
    }

    @Test func `counts a guess at the old password, too`() async throws {
        let community = try Community(limits: .init(perAccountPerMinute: 1))
        let account = try await community.join()
        let change = ProfileChange(password: .init(old: "wrong horse", new: "new horse"))
        await #expect(throws: AccountError.wrongCredentials) {
            try await community.accounts.updateProfile(account.id, change, from: "a")
        }
        await #expect(throws: AccountError.throttled(retryAfterSeconds: 60)) {
            try await community.accounts.updateProfile(account.id, change, from: "a")
        }
    }

    @Test func `reports a record that nobody can read as the store's failure`() async throws {
        let account = try await community.join()
        try await community.overwrite(Account.key(account.id), with: "{}")
        await #expect(
            throws: AccountError.store(
                .unavailable("the record user/1 is not a readable Account"))
        ) {
            try await community.signIn()
        }
    }
}
