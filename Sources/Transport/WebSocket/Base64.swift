/// Bytes as text by RFC 4648, in the two forms that protocols here use: the standard alphabet with
/// padding, and the one for URLs without.
public enum Base64 {
    /// The standard alphabet (RFC 4648 §4), padded to a multiple of four.
    public static func encode(_ bytes: [UInt8]) -> String {
        var text = digits(of: bytes, alphabet: standard)
        text.append(
            contentsOf: repeatElement(UInt8(ascii: "="), count: (4 - text.count % 4) % 4))
        return String(decoding: text, as: UTF8.self)
    }

    /// The alphabet for URLs and file names (RFC 4648 §5), without padding, as JWT wants it.
    public static func encodeURL(_ bytes: [UInt8]) -> String {
        String(decoding: digits(of: bytes, alphabet: urlSafe), as: UTF8.self)
    }

    /// Reads what `encode` writes and nothing else: nil where a character is foreign, the padding
    /// is wrong, or bits are set that belong to no byte.
    public static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        let padding = characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        return bytes(of: characters.dropLast(padding), alphabet: standard)
    }

    /// Reads what `encodeURL` writes and nothing else.
    public static func decodeURL(_ text: String) -> [UInt8]? {
        bytes(of: Array(text.utf8)[...], alphabet: urlSafe)
    }

    private typealias Alphabet = (characters: [UInt8], values: [UInt8?])

    private static let standard = alphabet(last: "+/")
    private static let urlSafe = alphabet(last: "-_")

    private static func alphabet(last: String) -> Alphabet {
        let characters = Array(
            ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + last).utf8)
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, character) in characters.enumerated() {
            values[Int(character)] = UInt8(value)
        }
        return (characters, values)
    }

    private static func digits(of bytes: [UInt8], alphabet: Alphabet) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(alphabet.characters[Int(bits >> bitCount & 0x3F)])
            }
        }
        if bitCount > 0 {
            text.append(alphabet.characters[Int(bits << (6 - bitCount) & 0x3F)])
        }
        return text
    }

    private static func bytes(of text: ArraySlice<UInt8>, alphabet: Alphabet) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for character in text {
            guard let value = alphabet.values[Int(character)] else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        guard bits & (1 << bitCount - 1) == 0 else { return nil }
        return bytes
    }
}
