import Engine
import Testing
import Transport

@testable import App

struct JSONWebTokenTests {
    private let nowMs: Int64 = 1_700_000_000_000
    private let keys: SigningKeys
    private let claims = TokenClaims(
        issuer: "petnexus", user: UserID(42), name: "Mia \"🐈\" /\n", role: .admin,
        issuedAtSeconds: 1_700_000_000, expiresAtSeconds: 1_700_000_900, id: "t1",
        publishPatterns: ["/topic/a/*"], subscribePatterns: ["/topic/**"])

    init() throws {
        keys = SigningKeys(current: try key("new", 1), others: [try key("old", 2)])
    }

    @Test func `says what was signed`() throws {
        let token = JSONWebToken.sign(claims, with: keys)
        #expect(try verify(token) == claims)
    }

    @Test func `accepts every key it knows, with and without a key id`() throws {
        let old = SigningKeys(current: try key("old", 2))
        #expect(try verify(JSONWebToken.sign(claims, with: old)) == claims)
        for seed: UInt8 in [1, 2] {
            let token = try token(signedWith: key("", seed), header: #"{"alg":"HS256"}"#)
            #expect(try verify(token).user == UserID(7))
        }
    }

    /// RFC 7515 Appendix A.1: the signature holds, so what is missed are our claims.
    @Test func `accepts the signature of the standard's example`() throws {
        let secret = try #require(
            Base64.decodeURL(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"
                    + "aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let keys = SigningKeys(current: try SigningKey(id: "a", secret: secret))
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ" + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(throws: JSONWebTokenError.badClaims) {
            try JSONWebToken.verify(token, with: keys, nowMs: 0)
        }
    }

    @Test(arguments: [
        (#"{"alg":"none"}"#, JSONWebTokenError.unsupportedAlgorithm),
        (#"{"alg":"None"}"#, .unsupportedAlgorithm), (#"{"alg":"hs256"}"#, .unsupportedAlgorithm),
        (#"{"alg":"RS256"}"#, .unsupportedAlgorithm), (#"{"alg":"HS512"}"#, .unsupportedAlgorithm),
        (#"{"typ":"JWT"}"#, .unsupportedAlgorithm),
        (#"{"alg":"HS256","crit":["exp"]}"#, .unsupportedAlgorithm),
        (#"{"alg":"HS256","kid":"stranger"}"#, .unknownKey),
        (#"{"alg":"HS256","kid":"old"}"#, .badSignature),
        (#"{"alg":"HS256","kid":1}"#, .malformed),
        (#"{"alg":"none","alg":"HS256"}"#, .malformed),
        (#"{"alg":"HS256"} {}"#, .malformed), (#"["HS256"]"#, .malformed), ("", .malformed),
    ])
    func `refuses any header but HS256 under a known key`(
        header: String, error: JSONWebTokenError
    ) throws {
        let token = try token(signedWith: keys.current, header: header)
        #expect(throws: error) { try verify(token) }
    }

    @Test(arguments: [
        #"{"exp":1700000900}"#, #"{"sub":"7"}"#, #"{"sub":7,"exp":1700000900}"#,
        #"{"sub":"mia","exp":1700000900}"#, #"{"sub":"0","exp":1700000900}"#,
        #"{"sub":"-7","exp":1700000900}"#, #"{"sub":"+7","exp":1700000900}"#,
        #"{"sub":"007","exp":1700000900}"#, #"{"sub":"7","exp":"1700000900"}"#,
        #"{"sub":"7","exp":-1}"#, #"{"sub":"7","exp":9223372036854775807}"#,
        #"{"sub":"7","exp":1e400}"#, #"{"sub":"7","exp":null}"#,
        #"{"sub":"7","exp":1700000900,"exp":1800000000}"#,
        #"{"sub":"7","sub":"8","exp":1700000900}"#,
        #"{"sub":"7","exp":1700000900,"role":"ROOT"}"#,
        #"{"sub":"7","exp":1700000900,"publish":"/topic/**"}"#,
        #"{"sub":"7","exp":1700000900}}"#, "[]", "",
    ])
    func `refuses signed claims that are not as agreed`(payload: String) throws {
        let token = try token(signedWith: keys.current, payload: payload)
        #expect(throws: JSONWebTokenError.badClaims) { try verify(token) }
    }

    @Test func `refuses an id or a name without bound`() throws {
        for claim in ["jti", "name"] {
            let payload = #"{"sub":"7","exp":1700000900,"\#(claim)":""#
            let long = String(repeating: "x", count: 300)
            let token = try token(signedWith: keys.current, payload: payload + long + #""}"#)
            #expect(throws: JSONWebTokenError.badClaims) { try verify(token) }
        }
    }

    @Test func `takes what another backend leaves out for the least`() throws {
        let token = try token(
            signedWith: keys.current, payload: #"{"x":[{}],"sub":"7","exp":1700000900.5}"#)
        let expected = TokenClaims(
            user: UserID(7), name: "7", role: .user, expiresAtSeconds: 1_700_000_900)
        #expect(try verify(token) == expected)
    }

    @Test func `ends thirty seconds after the expiry`() throws {
        let token = JSONWebToken.sign(claims, with: keys)
        #expect(try verify(token, atMs: 1_700_000_929_999) == claims)
        #expect(throws: JSONWebTokenError.expired) { try verify(token, atMs: 1_700_000_930_000) }
    }

    @Test(arguments: ["iat", "nbf"])
    func `starts thirty seconds before it says so`(claim: String) throws {
        let token = try token(
            signedWith: keys.current,
            payload: #"{"sub":"7","exp":1800000000,"\#(claim)":1700000030}"#)
        #expect(throws: Never.self) { try verify(token) }
        #expect(throws: JSONWebTokenError.notYetValid) { try verify(token, atMs: nowMs - 1) }
    }

    @Test func `refuses a token with any one character changed, added or taken away`() {
        let characters = Array(JSONWebToken.sign(claims, with: keys))
        for index in characters.indices {
            var changed = characters
            changed[index] = changed[index] == "A" ? "B" : "A"
            #expect(throws: JSONWebTokenError.self) { try verify(String(changed)) }
            var shorter = characters
            shorter.remove(at: index)
            #expect(throws: JSONWebTokenError.self) { try verify(String(shorter)) }
            #expect(throws: JSONWebTokenError.self) { try verify(String(characters[..<index])) }
        }
    }

    @Test(arguments: [".", "=", " ", "\n", "\0", "A", ".AAAA", "%3D", "é"])
    func `refuses anything before or after the token`(garbage: String) {
        let token = JSONWebToken.sign(claims, with: keys)
        #expect(throws: JSONWebTokenError.self) { try verify(token + garbage) }
        #expect(throws: JSONWebTokenError.self) { try verify(garbage + token) }
    }

    /// The last character of a 32-byte signature carries two bits that mean nothing.
    @Test func `accepts a signature in one spelling only`() throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let token = JSONWebToken.sign(claims, with: keys)
        let character = try #require(token.last)
        let last = try #require(alphabet.firstIndex(of: character))
        let sameBits = token.dropLast() + String(alphabet[last + 1])
        #expect(throws: JSONWebTokenError.badSignature) { try verify(String(sameBits)) }
    }

    @Test(arguments: ["", ".", "..", "...", "a.b", "a.b.c.d", "é.é.é"])
    func `refuses what has no three parts of base64url`(token: String) {
        #expect(throws: JSONWebTokenError.malformed) { try verify(token) }
    }

    @Test func `refuses a token above its bound unseen`() {
        let token = JSONWebToken.sign(claims, with: keys)
        let padded = token + String(repeating: "A", count: JSONWebToken.bytesMax)
        #expect(throws: JSONWebTokenError.tooLarge) { try verify(padded) }
    }

    @discardableResult
    private func verify(
        _ token: String, atMs nowMs: Int64? = nil
    ) throws(JSONWebTokenError) -> TokenClaims {
        try JSONWebToken.verify(token, with: keys, nowMs: nowMs ?? self.nowMs)
    }
}

private func key(_ id: String, _ seed: UInt8) throws -> SigningKey {
    try SigningKey(id: id, secret: [UInt8](repeating: seed, count: 32))
}

/// A correctly signed token of any content.
private func token(
    signedWith key: SigningKey, header: String = #"{"alg":"HS256","kid":"new"}"#,
    payload: String = #"{"sub":"7","exp":1700000900}"#
) throws -> String {
    let signed =
        Base64.encodeURL(Array(header.utf8)) + "." + Base64.encodeURL(Array(payload.utf8))
    return signed + "." + Base64.encodeURL(key.code(for: Array(signed.utf8)))
}
