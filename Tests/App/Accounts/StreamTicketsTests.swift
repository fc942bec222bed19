import Engine
import TestSupport
import Testing

@testable import App

struct StreamTicketsTests {
    private let community: Community
    private let tickets: StreamTickets

    init() throws {
        let community = try Community()
        self.community = community
        tickets = StreamTickets(
            store: community.store, tokens: community.tokens, now: { community.clock.nowMs })
    }

    /// Somebody who shows a token.
    private func bearer() async throws -> (identity: Identity, token: String) {
        let pair = try await community.tokens.open(for: try await community.join())
        return (try await community.tokens.verify(pair.accessToken), pair.accessToken)
    }

    @Test func `a ticket is worth what its token is, once`() async throws {
        let (identity, _) = try await bearer()
        let ticket = try await tickets.issue(to: identity)
        _ = try await community.accounts.updateProfile(
            identity.user, ProfileChange(nickname: "Mia"), from: "a")
        let redeemed = try #require(try await tickets.redeem(ticket))
        #expect(redeemed.user == identity.user)
        #expect(redeemed.tokenID == identity.tokenID)
        #expect(redeemed.expiresAtMs == identity.expiresAtMs)
        #expect(redeemed.name == "Mia")
        #expect(try await tickets.redeem(ticket) == nil)
    }

    @Test func `a ticket that is only looked at stays good`() async throws {
        let ticket = try await tickets.issue(to: try await bearer().identity)
        #expect(try await tickets.redeem(ticket, staysGood: true) != nil)
        #expect(try await tickets.redeem(ticket) != nil)
    }

    @Test func `only one of those who show a ticket at once is let in`() async throws {
        let ticket = try await tickets.issue(to: try await bearer().identity)
        let tickets = tickets
        // Both have read it before either uses it up.
        community.rendezvous.expect(2)
        async let first = tickets.redeem(ticket)
        async let second = tickets.redeem(ticket)
        let taken = [try await first, try await second]
        #expect(taken.count { $0 != nil } == 1)
    }

    @Test func `a ticket is good for half a minute`() async throws {
        let ticket = try await tickets.issue(to: try await bearer().identity)
        community.clock.advance(byMs: 29_999)
        #expect(try await tickets.redeem(ticket, staysGood: true) != nil)
        community.clock.advance(byMs: 1)
        #expect(try await tickets.redeem(ticket) == nil)
    }

    @Test func `a ticket ends with its token`() async throws {
        let (identity, token) = try await bearer()
        let endMs = try #require(identity.expiresAtMs)
        community.clock.advance(byMs: endMs - 1_000 - community.clock.nowMs)
        let late = try await tickets.issue(to: identity)
        let revoked = try await tickets.issue(to: identity)
        try await community.tokens.logOut(
            try await community.tokens.verify(token), refreshToken: nil)
        await #expect(throws: TokenError.revoked) { try await tickets.redeem(revoked) }
        community.clock.advance(byMs: 1_000)
        await #expect(throws: TokenError.rejected(.expired)) { try await tickets.redeem(late) }
    }

    @Test(arguments: ["", "A", String(repeating: "A", count: 32), "한국어", "a b"])
    func `what is no ticket opens nothing`(text: String) async throws {
        #expect(try await tickets.redeem(text) == nil)
    }

    @Test func `the store does not know the ticket`() async throws {
        let ticket = try await tickets.issue(to: try await bearer().identity)
        let key = RecordKey("stream-ticket", ticket)
        #expect(try await community.store.records([key])[0] == nil)
    }
}
