import Engine
import Testing

@testable import App

struct VerifiedTokensTests {
    private let tokens = VerifiedTokens(countMax: 8)

    @Test func `knows a token by its bytes and not by what reads the same`() {
        remember("K1", as: 1)
        #expect(user(of: "K1") == 1)
        #expect("\u{212A}1" == "K1")
        #expect(user(of: "\u{212A}1") == nil)
        #expect(user(of: "k1") == nil)
    }

    @Test func `tells tokens apart that end alike`() {
        let end = String(repeating: "x", count: 16)
        remember("a" + end, as: 1)
        remember("b" + end, as: 2)
        #expect(user(of: "a" + end) == 1)
        #expect(user(of: "b" + end) == 2)
    }

    @Test func `takes what is remembered last`() {
        remember("a", as: 1)
        remember("a", as: 2)
        #expect(user(of: "a") == 2)
    }

    @Test func `forgets those that nobody shows, within its bound`() {
        remember("shown", as: 1)
        for number in 0..<100 {
            remember("token \(number)", as: 2)
            #expect(user(of: "shown") == 1)
        }
        let known = (0..<100).count { user(of: "token \($0)") != nil }
        #expect((1...8).contains(known))
        #expect(user(of: "token 0") == nil)
    }

    @Test func `does not keep tokens of unusual length`() {
        remember(String(repeating: "a", count: 1_024), as: 1)
        remember(String(repeating: "a", count: 1_025), as: 2)
        #expect(user(of: String(repeating: "a", count: 1_024)) == 1)
        #expect(user(of: String(repeating: "a", count: 1_025)) == nil)
    }

    private func remember(_ token: String, as user: Int64) {
        let identity = Identity(user: UserID(user), name: "mia", role: .user)
        let claims = TokenClaims(
            user: identity.user, name: "mia", role: .user, expiresAtSeconds: 1)
        tokens.remember(
            VerifiedTokens.Entry(claims: claims, account: nil, identity: identity), for: token)
    }

    private func user(of token: String) -> Int64? {
        tokens.entry(of: token)?.identity.user.rawValue
    }
}
