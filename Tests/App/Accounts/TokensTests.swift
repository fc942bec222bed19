import Engine
import TestSupport
import Testing

@testable import App

struct TokensTests {
    private let community: Community
    private var tokens: Tokens { community.tokens }

    init() throws {
        community = try Community()
    }

    @Test func `says who bears an access token`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        let identity = try await tokens.verify(pair.accessToken)
        #expect(identity.user == account.id)
        #expect(identity.name == "mia")
        #expect(identity.role == .user)
        #expect(identity.tokenID != nil)
        #expect(identity.expiresAtMs == community.clock.nowMs + 930_000)
        #expect(pair.accessLifetime == .seconds(900))
        #expect(pair.refreshLifetime == .seconds(14 * 24 * 3600))
    }

    @Test func `ends the authority of a token when it says`() async throws {
        let pair = try await tokens.open(for: try await community.join())
        let end = try #require(try await tokens.verify(pair.accessToken).expiresAtMs)
        community.clock.advance(byMs: end - community.clock.nowMs - 1_000)
        #expect(try await tokens.verify(pair.accessToken).expiresAtMs == end)
        community.clock.advance(byMs: 1_000)
        await #expect(throws: TokenError.rejected(.expired)) {
            try await tokens.verify(pair.accessToken)
        }
    }

    @Test func `shows name and role as they are now`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        #expect(try await tokens.verify(pair.accessToken).role == .user)
        _ = try await community.accounts.setRole(account.id, to: .admin)
        _ = try await community.accounts.updateProfile(
            account.id, ProfileChange(nickname: "Mia"), from: "a")
        let identity = try await tokens.verify(pair.accessToken)
        #expect(identity.role == .admin)
        #expect(identity.name == "Mia")
    }

    @Test func `makes one identity for all who show the same token`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        let identity = try await tokens.verify(pair.accessToken)
        #expect(try await tokens.verify(pair.accessToken) === identity)
        _ = try await community.accounts.setRole(account.id, to: .admin)
        let promoted = try await tokens.verify(pair.accessToken)
        #expect(promoted !== identity)
        #expect(try await tokens.verify(pair.accessToken) === promoted)
    }

    @Test func `refuses a token it knows when the clock steps back before its start`() async throws
    {
        let pair = try await tokens.open(for: try await community.join())
        _ = try await tokens.verify(pair.accessToken)
        community.clock.advance(byMs: -60_000)
        await #expect(throws: TokenError.rejected(.notYetValid)) {
            try await tokens.verify(pair.accessToken)
        }
    }

    @Test func `refuses the tokens of a disabled account`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        _ = try await tokens.verify(pair.accessToken)
        _ = try await community.accounts.setDisabled(account.id, to: true)
        await #expect(throws: TokenError.revoked) { try await tokens.verify(pair.accessToken) }
        await #expect(throws: TokenError.revoked) { try await tokens.rotate(pair.refreshToken) }
    }

    @Test func `refuses a token of ours for an account that is not there`() async throws {
        let token = JSONWebToken.sign(claims(issuer: "petnexus", user: 99), with: community.keys)
        await #expect(throws: TokenError.revoked) { try await tokens.verify(token) }
    }

    @Test func `believes another backend that shares the key`() async throws {
        let account = try await community.join()
        for (issuer, user) in [("shop", account.id.rawValue), (nil, 99)] {
            let token = JSONWebToken.sign(
                claims(issuer: issuer, user: user), with: community.keys)
            let identity = try await tokens.verify(token)
            #expect(identity.user == UserID(user))
            #expect(identity.name == "Guest")
            #expect(identity.role == .admin)
            #expect(identity.publishPatterns == ["/topic/a/*"])
            #expect(identity.subscribePatterns == ["/topic/**"])
        }
        _ = try await community.accounts.setDisabled(account.id, to: true)
        let token = JSONWebToken.sign(
            claims(issuer: "shop", user: account.id.rawValue), with: community.keys)
        await #expect(throws: TokenError.revoked) { try await tokens.verify(token) }
    }

    @Test func `exchanges a refresh token for a new pair`() async throws {
        let first = try await tokens.open(for: try await community.join())
        let second = try await tokens.rotate(first.refreshToken)
        let third = try await tokens.rotate(second.refreshToken)
        #expect(Set([first, second, third].map(\.refreshToken)).count == 3)
        #expect(Set([first, second, third].map(\.accessToken)).count == 3)
        for pair in [first, second, third] {
            #expect(try await tokens.verify(pair.accessToken).user == UserID(1))
        }
    }

    @Test func `ends the whole session when a refresh token comes back`() async throws {
        let account = try await community.join()
        let first = try await tokens.open(for: account)
        let other = try await tokens.open(for: account)
        let second = try await tokens.rotate(first.refreshToken)
        let third = try await tokens.rotate(second.refreshToken)
        for pair in [first, second, third] { _ = try await tokens.verify(pair.accessToken) }
        await #expect(throws: TokenError.reusedRefreshToken) {
            try await tokens.rotate(first.refreshToken)
        }
        #expect(community.told.users == [account.id])
        for pair in [first, second, third] {
            await #expect(throws: TokenError.revoked) { try await tokens.verify(pair.accessToken) }
            await #expect(throws: TokenError.unknownRefreshToken) {
                try await tokens.rotate(pair.refreshToken)
            }
        }
        _ = try await tokens.verify(other.accessToken)
        _ = try await tokens.rotate(other.refreshToken)
    }

    @Test func `lets at most one of many rotations at the same time win`() async throws {
        let pair = try await tokens.open(for: try await community.join())
        let tokens = tokens
        community.rendezvous.expect(8)
        let won = await withTaskGroup(of: TokenPair?.self) { group in
            for _ in 0..<8 {
                group.addTask { try? await tokens.rotate(pair.refreshToken) }
            }
            return await group.reduce(into: [TokenPair]()) { $0 += $1.map { [$0] } ?? [] }
        }
        #expect(won.count <= 1)
        for pair in [pair] + won {
            await #expect(throws: TokenError.revoked) { try await tokens.verify(pair.accessToken) }
            await #expect(throws: TokenError.unknownRefreshToken) {
                try await tokens.rotate(pair.refreshToken)
            }
        }
    }

    @Test(arguments: [
        "", "x", String(repeating: "A", count: 64), String(repeating: "=", count: 64),
    ])
    func `refuses refresh tokens that were never ours`(token: String) async throws {
        await #expect(throws: TokenError.unknownRefreshToken) { try await tokens.rotate(token) }
    }

    @Test func `takes a session that is not rotated for over after two weeks`() async throws {
        let first = try await tokens.open(for: try await community.join())
        community.clock.advance(byMs: 14 * 24 * 3_600_000 - 1)
        let second = try await tokens.rotate(first.refreshToken)
        community.clock.advance(byMs: 14 * 24 * 3_600_000)
        await #expect(throws: TokenError.unknownRefreshToken) {
            try await tokens.rotate(second.refreshToken)
        }
    }

    @Test func `ends the sessions of an old password at their next rotation`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        let changed = try await community.accounts.updateProfile(
            account.id, ProfileChange(password: .init(old: Community.password, new: "new horse")),
            from: "a")
        await #expect(throws: TokenError.revoked) { try await tokens.rotate(pair.refreshToken) }
        let fresh = try await tokens.open(for: changed)
        _ = try await tokens.rotate(fresh.refreshToken)
    }

    @Test func `revokes every token of a session at log-out, and tells so`() async throws {
        let account = try await community.join()
        let first = try await tokens.open(for: account)
        let second = try await tokens.rotate(first.refreshToken)
        #expect(community.told.users.isEmpty)
        try await tokens.logOut(nil, refreshToken: second.refreshToken)
        #expect(community.told.users == [account.id])
        for pair in [first, second] {
            await #expect(throws: TokenError.revoked) { try await tokens.verify(pair.accessToken) }
            await #expect(throws: TokenError.unknownRefreshToken) {
                try await tokens.rotate(pair.refreshToken)
            }
        }
        try await tokens.logOut(nil, refreshToken: second.refreshToken)
        try await tokens.logOut(nil, refreshToken: "what?")
        #expect(community.told.users == [account.id])
    }

    @Test func `revokes an access token alone`() async throws {
        let account = try await community.join()
        let pair = try await tokens.open(for: account)
        let other = try await tokens.open(for: account)
        let identity = try await tokens.verify(pair.accessToken)
        try await tokens.logOut(identity, refreshToken: nil)
        #expect(community.told.users == [account.id])
        await #expect(throws: TokenError.revoked) { try await tokens.verify(pair.accessToken) }
        _ = try await tokens.verify(other.accessToken)
    }

    @Test func `keeps a revocation until the token has expired, and no longer`() async throws {
        let pair = try await tokens.open(for: try await community.join())
        let identity = try await tokens.verify(pair.accessToken)
        try await tokens.logOut(identity, refreshToken: nil)
        let key = RecordKey("revoked-token", try #require(identity.tokenID))
        let record = try #require(try await community.store.records([key])[0])
        #expect(record.expiresAtMs == identity.expiresAtMs)
    }

    @Test func `revokes the oldest token of who rotates without end`() async throws {
        let first = try await tokens.open(for: try await community.join())
        var pair = first
        for _ in 0..<15 { pair = try await tokens.rotate(pair.refreshToken) }
        _ = try await tokens.verify(first.accessToken)
        pair = try await tokens.rotate(pair.refreshToken)
        await #expect(throws: TokenError.revoked) { try await tokens.verify(first.accessToken) }
        _ = try await tokens.verify(pair.accessToken)
    }

    @Test func `stores no token`() async throws {
        let pair = try await tokens.open(for: try await community.join())
        let token = try #require(RefreshToken(pair.refreshToken))
        let record = try #require(try await community.store.records([token.sessionKey])[0])
        let json = String(decoding: record.value, as: UTF8.self)
        #expect(!pair.refreshToken.contains(token.sessionKey.id))
        #expect(!json.contains(pair.refreshToken.suffix(43)))
        #expect(!json.contains(pair.accessToken))
        #expect(json.contains(token.secretHash))
    }

    private func claims(issuer: String?, user: Int64) -> TokenClaims {
        TokenClaims(
            issuer: issuer, user: UserID(user), name: "Guest", role: .admin,
            expiresAtSeconds: community.clock.nowMs / 1000 + 60, publishPatterns: ["/topic/a/*"],
            subscribePatterns: ["/topic/**"])
    }

    @Test func `a rotation that the store did not answer is none of a thief's`() async throws {
        let store = UnansweredStore(community.store)
        let clock = community.clock
        let tokens = Tokens(
            store: store, keys: community.keys,
            authority: AuthorityLog(store: store, now: { clock.nowMs }), now: { clock.nowMs })
        let first = try await tokens.open(for: try await community.join())
        store.swallowNext()
        let second = try await tokens.rotate(first.refreshToken)
        _ = try await tokens.verify(second.accessToken)
        _ = try await tokens.rotate(second.refreshToken)
    }
}
