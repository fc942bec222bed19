/// Checks a text that arrives in pieces for well-formed UTF-8 (RFC 3629), failing at the first byte
/// that no continuation can mend.
///
/// A piece may end within a character; the bytes of it that are still missing are all the state.
package struct UTF8Validator {
    private var missing = 0
    /// The range of the next byte. Only the second byte of a character may be narrower than
    /// 0x80...0xBF: it rules out overlong forms, surrogates and what lies above U+10FFFF.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// At the beginning of a text.
    package init() {}

    /// Whether what was accepted so far ends at the border of a character.
    package var isAtBorder: Bool { missing == 0 }

    /// Takes the next piece; false where the text cannot be UTF-8 any more.
    package mutating func accept(_ bytes: Span<UInt8>) -> Bool {
        var start = 0
        while missing > 0, start < bytes.count {
            guard accept(bytes[start]) else { return false }
            start += 1
        }
        let end = Self.lastBorder(in: bytes, from: start)
        do {
            _ = try UTF8Span(validating: bytes.extracting(start..<end))
        } catch {
            return false
        }
        for index in end..<bytes.count {
            guard accept(bytes[index]) else { return false }
        }
        return true
    }

    /// Where a character begins that runs past the end of `bytes`, or else the end.
    private static func lastBorder(in bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        for index in stride(from: count - 1, through: max(start, count - 3), by: -1) {
            switch bytes[index] {
            case 0x80...0xBF: continue
            case 0xC2...0xDF: return count - index < 2 ? index : count
            case 0xE0...0xEF: return count - index < 3 ? index : count
            case 0xF0...0xF4: return index
            default: return count
            }
        }
        return count
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard next.contains(byte) else { return false }
            missing -= 1
            next = 0x80...0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, next) = (2, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: missing = 2
        case 0xED: (missing, next) = (2, 0x80...0x9F)
        case 0xF0: (missing, next) = (3, 0x90...0xBF)
        case 0xF1...0xF3: missing = 3
        case 0xF4: (missing, next) = (3, 0x80...0x8F)
        default: return false
        }
        return true
    }
}
