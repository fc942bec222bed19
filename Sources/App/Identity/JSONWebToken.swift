import Transport

/// Why a token is not accepted. Clients hear `token-expired` for `expired` and `bad-credentials`
/// for the rest; the difference between those is for the log.
package enum JSONWebTokenError: Error, Hashable, Sendable {
    /// Above 8 KiB.
    case tooLarge
    /// Not three parts of base64url, or a header that is not an object we can read.
    case malformed
    /// `alg` is anything but HS256, or the header demands an extension (RFC 7515 §4.1.11).
    case unsupportedAlgorithm
    /// `kid` names no key of ours.
    case unknownKey
    case badSignature
    /// Signed by us, yet without the claims a token needs, or with claims of a wrong type.
    case badClaims
    case expired
    /// `iat` or `nbf` lies in the future by more than the clock skew.
    case notYetValid
}

/// JSON Web Tokens in compact form, signed with HMAC-SHA256 and nothing else (RFC 7519, RFC 7515;
/// the pitfalls are those of RFC 8725).
enum JSONWebToken {
    static let bytesMax = 8 * 1024
    /// How far the clocks of two backends may be apart.
    static let clockSkewSeconds: Int64 = 30

    /// A token that says `claims`, signed with the keys' current one.
    static func sign(_ claims: TokenClaims, with keys: SigningKeys) -> String {
        let header = #"{"alg":"HS256","typ":"JWT","kid":"\#(keys.current.id)"}"#
        let signed = Base64.encodeURL(Array(header.utf8)) + "." + Base64.encodeURL(claims.json)
        return signed + "." + Base64.encodeURL(keys.current.code(for: Array(signed.utf8)))
    }

    /// The claims of a token that one of our keys signed and that is valid now. Claims are not even
    /// looked at before the signature holds.
    static func verify(
        _ token: String, with keys: SigningKeys, nowMs: Int64
    ) throws(JSONWebTokenError) -> TokenClaims {
        guard token.utf8.count <= bytesMax else { throw .tooLarge }
        let bytes = Array(token.utf8)
        let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
        guard dots.count == 2 else { throw .malformed }

        let header = try Header(encoded: bytes[..<dots[0]])
        let signed = Array(bytes[..<dots[1]])
        let signature = Array(bytes[(dots[1] + 1)...])
        if let keyID = header.keyID {
            guard let key = keys.key(keyID) else { throw .unknownKey }
            guard key.signed(signed, signature) else { throw .badSignature }
        } else {
            // Every key is tried, so that the time does not tell which one matched.
            let matches = keys.all.filter { $0.signed(signed, signature) }
            guard !matches.isEmpty else { throw .badSignature }
        }

        guard let payload = decode(bytes[(dots[0] + 1)..<dots[1]]),
            let claims = try? TokenClaims(json: payload)  // there is one kind of bad claims
        else { throw .badClaims }
        try checkTimes(of: claims, nowMs: nowMs)
        return claims
    }

    /// Throws unless the claims hold now, give or take the clock skew.
    static func checkTimes(
        of claims: TokenClaims, nowMs: Int64
    ) throws(JSONWebTokenError) {
        let nowSeconds = nowMs / 1000
        guard claims.expiresAtSeconds + clockSkewSeconds > nowSeconds else { throw .expired }
        let latestStart = nowSeconds + clockSkewSeconds
        guard claims.issuedAtSeconds ?? 0 <= latestStart,
            claims.notBeforeSeconds ?? 0 <= latestStart
        else { throw .notYetValid }
    }

    fileprivate static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        Base64.decodeURL(String(decoding: part, as: UTF8.self))
    }
}

/// What the protected header says once it is known to say HS256.
private struct Header {
    let keyID: String?

    init(encoded part: ArraySlice<UInt8>) throws(JSONWebTokenError) {
        guard let json = JSONWebToken.decode(part) else { throw .malformed }
        var algorithm: String?
        var keyID: String?
        var isExtended = false
        do {
            var reader = StrictJSONReader(json)
            try reader.object { key, reader throws(MalformedJSON) in
                switch key {
                case "alg": algorithm = try reader.string()
                case "kid": keyID = try reader.string()
                case "crit":
                    isExtended = true
                    try reader.skip()
                default: try reader.skip()
                }
            }
            try reader.end()
        } catch {
            throw .malformed
        }
        guard algorithm == "HS256", !isExtended else { throw .unsupportedAlgorithm }
        self.keyID = keyID
    }
}

extension SigningKey {
    /// True where `signature`, in base64url as it stands in the token, is ours over `message`. The
    /// encoded forms are compared, so that a signature has exactly one spelling.
    fileprivate func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
        ConstantTime.equal(Array(Base64.encodeURL(code(for: message)).utf8), signature)
    }
}
