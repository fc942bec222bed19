import Foundation
import Transport

/// The file in the data directory that holds the signing keys:
/// `{"current":"a1","keys":[{"id":"a1","secret":"<base64url>"}]}`, mode 0600.
package enum SigningKeyFile {
    private static let bytesMax = 64 * 1024
    private static let keysMax = 8
    private static let idBytesMax = 64

    /// The keys in the file, which is made with one new key where there is none. A file that anyone
    /// but its owner may read or write is refused.
    package static func load(
        path: String, random: RandomBytes = SystemRandom.bytes
    ) throws(SigningKeyError) -> SigningKeys {
        if let bytes = try read(path) { return try keys(in: bytes, path: path) }

        let id = Base64.encodeURL(random(6))
        let secret = Base64.encodeURL(random(SigningKey.secretBytesMin))
        let text = #"{"current":"\#(id)","keys":[{"id":"\#(id)","secret":"\#(secret)"}]}"# + "\n"
        do {
            try PrivateFile.create(path, Array(text.utf8))
        } catch {
            throw .file(path: path, reason: error.reason)
        }
        // Reading back settles a race: whichever process made the file, all use what is in it.
        guard let bytes = try read(path) else {
            throw .file(path: path, reason: "gone right after it was made")
        }
        return try keys(in: bytes, path: path)
    }

    private static func read(_ path: String) throws(SigningKeyError) -> [UInt8]? {
        let file: PrivateFile.Content?
        do {
            file = try PrivateFile.read(path, bytesMax: bytesMax)
        } catch {
            throw .file(path: path, reason: error.reason)
        }
        guard let file else { return nil }
        guard file.mode & 0o077 == 0 else {
            throw .fileOpenToOthers(path: path, mode: file.mode)
        }
        return file.bytes
    }

    private static func keys(
        in bytes: [UInt8], path: String
    ) throws(SigningKeyError) -> SigningKeys {
        let contents: Contents
        do {
            contents = try JSONDecoder().decode(Contents.self, from: Data(bytes))
        } catch {
            // The decoder's words could quote a secret.
            throw .fileMalformed(path: path, reason: "not the expected JSON")
        }
        guard contents.keys.count <= keysMax else {
            throw .fileMalformed(path: path, reason: "more than \(keysMax) keys")
        }
        guard Set(contents.keys.map(\.id)).count == contents.keys.count,
            contents.keys.allSatisfy({ isPlain($0.id) })
        else {
            throw .fileMalformed(
                path: path, reason: "ids must be different, of letters, digits, '-' and '_'")
        }
        var keys: [SigningKey] = []
        for entry in contents.keys {
            guard let secret = Base64.decodeURL(entry.secret) else {
                throw .fileMalformed(
                    path: path, reason: "the secret of \(entry.id) is not base64url")
            }
            keys.append(try SigningKey(id: entry.id, secret: secret))
        }
        guard let current = keys.first(where: { $0.id == contents.current }) else {
            throw .fileMalformed(path: path, reason: "'current' names none of the keys")
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
