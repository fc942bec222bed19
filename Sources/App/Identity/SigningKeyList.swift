import Foundation
import Transport

/// Signing keys as they are kept:
/// `{"current":"a1","keys":[{"id":"a1","secret":"<base64url>"}]}`.
enum SigningKeyList {
    static let bytesMax = 64 * 1024
    private static let keysMax = 8
    private static let idBytesMax = 64

    /// A list of one new key.
    static func made(random: RandomBytes) -> [UInt8] {
        let id = Base64.encodeURL(random(6))
        let secret = Base64.encodeURL(random(SigningKey.secretBytesMin))
        return Array(
            (#"{"current":"\#(id)","keys":[{"id":"\#(id)","secret":"\#(secret)"}]}"# + "\n").utf8)
    }

    /// The keys in a list that is kept at `place`, as the operator calls it.
    static func keys(
        in bytes: [UInt8], at place: String
    ) throws(SigningKeyError) -> SigningKeys {
        let contents: Contents
        do {
            contents = try JSONDecoder().decode(Contents.self, from: Data(bytes))
        } catch {
            // The decoder's words could quote a secret.
            throw .malformed(place: place, reason: "not the expected JSON")
        }
        guard contents.keys.count <= keysMax else {
            throw .malformed(place: place, reason: "more than \(keysMax) keys")
        }
        guard Set(contents.keys.map(\.id)).count == contents.keys.count,
            contents.keys.allSatisfy({ isPlain($0.id) })
        else {
            throw .malformed(
                place: place, reason: "ids must be different, of letters, digits, '-' and '_'")
        }
        var keys: [SigningKey] = []
        for entry in contents.keys {
            guard let secret = Base64.decodeURL(entry.secret) else {
                throw .malformed(
                    place: place, reason: "the secret of \(entry.id) is not base64url")
            }
            keys.append(try SigningKey(id: entry.id, secret: secret))
        }
        guard let current = keys.first(where: { $0.id == contents.current }) else {
            throw .malformed(place: place, reason: "'current' names none of the keys")
        }
        return SigningKeys(current: current, others: keys.filter { $0.id != current.id })
    }

    /// Ids stand in tokens' headers without any escaping.
    private static func isPlain(_ id: String) -> Bool {
        (1...idBytesMax).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private struct Contents: Decodable {
        let current: String
        let keys: [Entry]
    }

    private struct Entry: Decodable {
        let id: String
        let secret: String
    }
}
