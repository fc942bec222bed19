/// Percent-encoding (RFC 3986 §2.1).
public enum PercentCoding {
    /// The bytes with each `%XX` made one; nil where a `%` is not followed by two hexadecimal
    /// digits.
    ///
    /// - Parameter plusIsSpace: `+` stands for a space, as in forms and only there.
    public static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool = false) -> [UInt8]? {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count,
                    let high = HTTPGrammar.hexadecimalDigit(bytes[index + 1]),
                    let low = HTTPGrammar.hexadecimalDigit(bytes[index + 2])
                else { return nil }
                decoded.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                decoded.append(HTTPGrammar.space)
                index += 1
            case let byte:
                decoded.append(byte)
                index += 1
            }
        }
        return decoded
    }

    /// The text with each `%XX` made a byte; nil where that can't be done, or the bytes are no
    /// UTF-8.
    public static func decode(_ text: String) -> String? {
        guard let bytes = decode(Array(text.utf8).span) else { return nil }
        return HTTPGrammar.utf8Text(bytes.span)
    }

    /// The text as one segment of a path, or one name or value of a query: everything but
    /// unreserved characters is encoded.
    public static func encodeComponent(_ text: String) -> String {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if HTTPGrammar.isUnreserved(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexadecimalDigit(byte >> 4))
                encoded.append(hexadecimalDigit(byte & 15))
            }
        }
        return HTTPGrammar.text(encoded.span)
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
