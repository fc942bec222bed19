/// The byte classes of RFC 9110 §5.6, RFC 9112 §3 and RFC 3986 that parsers and encoders test by.
enum HTTPGrammar {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")

    /// True for bytes that may stand in a line: everything but control characters, of which only
    /// the tab is allowed (RFC 9110 §5.5).
    static func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7f : byte == tab
    }

    /// True for `tchar` (RFC 9110 §5.6.2), what methods and field names are made of.
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
            UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// True for bytes that may stand in a request-target.
    ///
    /// That is RFC 3986's characters and those that browsers leave unescaped although it asks
    /// otherwise (`|`, `[`, `^`, …). Fragments never travel, so `#` is refused.
    static func isTarget(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "<"), UInt8(ascii: ">"): false
        default: (0x21...0x7e).contains(byte)
        }
    }

    /// True for RFC 3986 §2.3's unreserved characters, which never need percent-coding.
    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default:
            false
        }
    }

    /// The value of a decimal digit, or nil.
    static func decimalDigit(_ byte: UInt8) -> Int? {
        let value = byte &- UInt8(ascii: "0")
        return value <= 9 ? Int(value) : nil
    }

    /// The value of a hexadecimal digit in either case, or nil.
    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// True for `uri-host [ ":" port ]` (RFC 9112 §3.2), the empty host included. User information
    /// is no part of it.
    static func isHost(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        if bytes.count > 0, bytes[0] == UInt8(ascii: "[") {
            index = 1
            while index < bytes.count, isAddressLiteral(bytes[index]) { index += 1 }
            guard index > 1, index < bytes.count, bytes[index] == UInt8(ascii: "]") else {
                return false
            }
            index += 1
        } else {
            while index < bytes.count, isRegisteredName(bytes[index]) { index += 1 }
        }
        guard index < bytes.count else { return true }
        guard bytes[index] == UInt8(ascii: ":") else { return false }
        index += 1
        while index < bytes.count {
            guard decimalDigit(bytes[index]) != nil else { return false }
            index += 1
        }
        return true
    }

    /// The range without the spaces and tabs around it (RFC 9110 §5.6.3).
    static func trimming(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == space || bytes[lower] == tab { lower += 1 }
        while lower < upper, bytes[upper - 1] == space || bytes[upper - 1] == tab { upper -= 1 }
        return lower..<upper
    }

    /// True when the texts differ in nothing but the case of ASCII letters.
    static func isEqual(_ first: String, ignoringCase second: String) -> Bool {
        let first = first.utf8.span
        let second = second.utf8.span
        guard first.count == second.count else { return false }
        for index in first.indices {
            guard lowercased(first[index]) == lowercased(second[index]) else { return false }
        }
        return true
    }

    /// The byte, an ASCII capital made small.
    static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// The bytes as text: UTF-8 where they are valid UTF-8, else ISO 8859-1, which any bytes are.
    static func text(_ bytes: Span<UInt8>) -> String {
        if let valid = utf8Text(bytes) { return valid }
        var text = ""
        for index in bytes.indices {
            text.unicodeScalars.append(Unicode.Scalar(bytes[index]))
        }
        return text
    }

    /// The bytes as text; nil unless they are valid UTF-8.
    static func utf8Text(_ bytes: Span<UInt8>) -> String? {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            return nil
        }
    }

    private static func isRegisteredName(_ byte: UInt8) -> Bool {
        if isUnreserved(byte) { return true }
        switch byte {
        case UInt8(ascii: "%"), UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="):
            return true
        default:
            return false
        }
    }

    private static func isAddressLiteral(_ byte: UInt8) -> Bool {
        hexadecimalDigit(byte) != nil || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }
}
