import Engine
import TestSupport
import Testing
import Transport

@testable import App

/// What is written into the authority log, and when.
struct AuthorityLogTests {
    private let community: Community

    init() throws {
        community = try Community()
    }

    private func entries() async throws -> [String] {
        try await community.store.entries(
            of: "authority", in: .all, descending: false, skip: 0, limit: 100
        ).map(\.id).sorted()
    }

    @Test func `every change of an account that sessions must know is an entry`() async throws {
        let id = try await community.join().id
        #expect(try await entries().isEmpty)
        _ = try await community.accounts.setRole(id, to: .admin)
        _ = try await community.accounts.setDisabled(id, to: true)
        _ = try await community.accounts.setDisabled(id, to: false)
        var change = ProfileChange(nickname: "Mia")
        change.password = .init(old: Community.password, new: "new horse")
        _ = try await community.accounts.updateProfile(id, change, from: "a")
        #expect(
            try await entries()
                == ["disabled/1", "enabled/1", "nickname/1", "password/1", "role/1"])
        #expect(community.told.users == Array(repeating: id, count: 4))
    }

    @Test func `what changes nothing for a session is none`() async throws {
        let id = try await community.join().id
        _ = try await community.accounts.setRole(id, to: .user)
        _ = try await community.accounts.setDisabled(id, to: false)
        _ = try await community.accounts.updateProfile(
            id, ProfileChange(nickname: "mia"), from: "a")
        #expect(try await entries().isEmpty)
        #expect(community.told.users.isEmpty)
    }

    @Test func `a change that is not stored is not told`() async throws {
        let id = try await community.join().id
        community.store.failing = .unavailable("told to")
        await #expect(throws: AccountError.self) {
            try await community.accounts.setDisabled(id, to: true)
        }
        community.store.failing = nil
        #expect(community.told.users.isEmpty)
        #expect(try await entries().isEmpty)
    }

    @Test func `revoked tokens are an entry, rotated ones are none`() async throws {
        let first = try await community.tokens.open(for: try await community.join())
        var pair = first
        for _ in 0..<15 { pair = try await community.tokens.rotate(pair.refreshToken) }
        #expect(try await entries().isEmpty)
        pair = try await community.tokens.rotate(pair.refreshToken)
        #expect(try await entries() == ["tokens/1"])
        try await community.tokens.logOut(nil, refreshToken: pair.refreshToken)
        #expect(try await entries() == ["tokens/1", "tokens/1"])
    }

    // MARK: Asking anew

    private var gate: SignInGate {
        SignInGate(accounts: community.accounts, tokens: community.tokens)
    }

    private func identity(_ pair: TokenPair) async throws -> Identity {
        try await gate.authenticate(
            Credentials(login: nil, secret: pair.accessToken, address: "a"))
    }

    @Test func `who came with a token is who the account says now`() async throws {
        let account = try await community.join()
        let identity = try await identity(try await community.tokens.open(for: account))
        #expect(try await gate.verifyAnew(identity) === identity)
        _ = try await community.accounts.setRole(account.id, to: .admin)
        _ = try await community.accounts.updateProfile(
            account.id, ProfileChange(nickname: "Mia"), from: "a")
        let present = try await gate.verifyAnew(identity)
        #expect((present.name, present.role) == ("Mia", .admin))
        #expect(present.tokenID == identity.tokenID)
        #expect(present.expiresAtMs == identity.expiresAtMs)
        #expect(present.issuer == "petnexus")
    }

    @Test func `who came with a token that is revoked is nobody any more`() async throws {
        let account = try await community.join()
        let pair = try await community.tokens.open(for: account)
        let other = try await identity(try await community.tokens.open(for: account))
        let identity = try await identity(pair)
        try await community.tokens.logOut(identity, refreshToken: nil)
        await #expect(throws: Refusal(.revoked, "the token was revoked")) {
            try await gate.verifyAnew(identity)
        }
        _ = try await gate.verifyAnew(other)
        _ = try await community.accounts.setDisabled(account.id, to: true)
        await #expect(throws: Refusal(.revoked, "the token was revoked")) {
            try await gate.verifyAnew(other)
        }
    }

    @Test func `who came with a password is who the account says now`() async throws {
        let account = try await community.join()
        let identity = try await gate.authenticate(
            Credentials(login: "mia@example.org", secret: Community.password, address: "a"))
        #expect(try await gate.verifyAnew(identity) === identity)
        let change = ProfileChange(password: .init(old: Community.password, new: "new horse"))
        _ = try await community.accounts.updateProfile(account.id, change, from: "a")
        await #expect(throws: Refusal.self) { try await gate.verifyAnew(identity) }
        let again = try await gate.authenticate(
            Credentials(login: "mia@example.org", secret: "new horse", address: "a"))
        _ = try await community.accounts.setDisabled(account.id, to: true)
        await #expect(throws: Refusal.self) { try await gate.verifyAnew(again) }
    }

    @Test func `nobody is refused for good because the store is away`() async throws {
        let identity = try await identity(
            try await community.tokens.open(for: try await community.join()))
        community.store.failing = .unavailable("told to")
        await #expect {
            try await gate.verifyAnew(identity)
        } throws: {
            ($0 as? Refusal)?.code == .storeUnavailable
        }
    }
}
