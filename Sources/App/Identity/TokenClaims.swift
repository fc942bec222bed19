import Engine
import Foundation

/// What an access token says about its bearer (API.md, Identity; RFC 7519 §4.1).
struct TokenClaims: Hashable, Sendable {
    /// Who minted the token; nil where another backend left it out.
    var issuer: String?
    var user: UserID
    var name: String
    var role: Role
    var issuedAtSeconds: Int64?
    var notBeforeSeconds: Int64?
    var expiresAtSeconds: Int64
    /// `jti`: what a logout revokes. A token without one is good until it expires.
    var id: String?
    var publishPatterns: [String] = []
    var subscribePatterns: [String] = []
}

extension TokenClaims {
    /// The last second of the year 9999. Times beyond it are refused, so that sums of times hold.
    private static let secondsMax: Int64 = 253_402_300_799
    /// Ids become keys in the store.
    private static let idBytesMax = 128
    private static let nameBytesMax = 256

    /// Reads a payload. `sub` and `exp` are required, `sub` must be a positive decimal number;
    /// `name` defaults to the number and `role` to USER, since other backends mint tokens, too.
    /// Unknown claims are ignored (RFC 7519 §4), claims of another type than ours refused.
    init(json: [UInt8]) throws(MalformedJSON) {
        var issuer: String?
        var subject: String?
        var name: String?
        var roleName: String?
        var issuedAt: Int64?
        var notBefore: Int64?
        var expiresAt: Int64?
        var id: String?
        var publish: [String] = []
        var subscribe: [String] = []

        var reader = StrictJSONReader(json)
        try reader.object { key, reader throws(MalformedJSON) in
            switch key {
            case "iss": issuer = try reader.string()
            case "sub": subject = try reader.string()
            case "name": name = try reader.string()
            case "role": roleName = try reader.string()
            case "iat": issuedAt = try Self.seconds(&reader)
            case "nbf": notBefore = try Self.seconds(&reader)
            case "exp": expiresAt = try Self.seconds(&reader)
            case "jti": id = try reader.string()
            case "publish": publish = try reader.strings()
            case "subscribe": subscribe = try reader.strings()
            default: try reader.skip()
            }
        }
        try reader.end()

        guard let subject, let number = Int64(subject), number > 0, String(number) == subject,
            let expiresAt, let role = Role(rawValue: roleName ?? Role.user.rawValue),
            id?.utf8.count ?? 0 <= Self.idBytesMax, name?.utf8.count ?? 0 <= Self.nameBytesMax
        else { throw MalformedJSON() }
        self.init(
            issuer: issuer, user: UserID(number), name: name ?? subject, role: role,
            issuedAtSeconds: issuedAt, notBeforeSeconds: notBefore, expiresAtSeconds: expiresAt,
            id: id, publishPatterns: publish, subscribePatterns: subscribe)
    }

    /// The payload; claims that are nil or empty are left out.
    var json: [UInt8] {
        let payload = Payload(
            iss: issuer, sub: user.description, name: name, role: role.rawValue,
            iat: issuedAtSeconds, nbf: notBeforeSeconds, exp: expiresAtSeconds, jti: id,
            publish: publishPatterns.isEmpty ? nil : publishPatterns,
            subscribe: subscribePatterns.isEmpty ? nil : subscribePatterns)
        do {
            return Array(try JSONEncoder().encode(payload))
        } catch {
            preconditionFailure("strings and numbers always have a JSON form: \(error)")
        }
    }

    private static func seconds(
        _ reader: inout StrictJSONReader
    ) throws(MalformedJSON) -> Int64 {
        let seconds = try reader.integer()
        guard (0...secondsMax).contains(seconds) else { throw MalformedJSON() }
        return seconds
    }
}

/// The names of the claims on the wire.
private struct Payload: Encodable {
    let iss: String?
    let sub: String
    let name: String
    let role: String
    let iat: Int64?
    let nbf: Int64?
    let exp: Int64
    let jti: String?
    let publish: [String]?
    let subscribe: [String]?
}
