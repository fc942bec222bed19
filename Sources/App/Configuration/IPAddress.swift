/// An IP address of either version. An IPv4 address that arrives mapped into IPv6
/// (`::ffff:192.0.2.1`, as a dual-stack socket reports it) is the IPv4 address.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// Reads dotted decimals without leading zeros, or IPv6 text as in RFC 4291 §2.2; nil for
    /// anything else, brackets, ports and zones included.
    init?(_ text: Substring) {
        if !text.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = Self.dotted(text) else { return nil }
            self = .v4(bits)
            return
        }
        guard let bits = Self.colonned(text) else { return nil }
        self = bits >> 32 == 0xffff ? .v4(UInt32(truncatingIfNeeded: bits)) : .v6(bits)
    }

    /// Four decimal bytes.
    private static func dotted(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part == "0" || !part.hasPrefix("0"),
                let byte = wholeNumber(part).flatMap(UInt8.init(exactly:))
            else { return nil }
            bits = bits << 8 | UInt32(byte)
        }
        return bits
    }

    /// Eight groups of hexadecimal digits, of which `::` may stand for one or more zero groups.
    private static func colonned(_ text: Substring) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(text), groups.count == 8 else { return nil }
            return bits(groups)
        }
        let head = text[..<gap.lowerBound]
        let tail = text[gap.upperBound...]
        guard let high = head.isEmpty ? [] : groups(head, mayEndDotted: false),
            let low = tail.isEmpty ? [] : groups(tail), high.count + low.count < 8
        else { return nil }
        return bits(high + Array(repeating: 0, count: 8 - high.count - low.count) + low)
    }

    /// Groups separated by single colons; the last two may be written as dotted decimals.
    private static func groups(_ text: Substring, mayEndDotted: Bool = true) -> [UInt16]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndDotted, index == parts.count - 1, let bits = dotted(part) {
                groups.append(UInt16(truncatingIfNeeded: bits >> 16))
                groups.append(UInt16(truncatingIfNeeded: bits))
                continue
            }
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }

    private static func bits(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// Keeps out the sign that the integer's own parser would take.
    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default:
            false
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// The canonical text: dotted decimals, or RFC 5952's form of IPv6.
    package var description: String {
        switch self {
        case .v4(let bits):
            return [24, 16, 8, 0].map { String(bits >> $0 & 0xff) }.joined(separator: ".")
        case .v6(let bits):
            let groups = (0..<8).map { bits >> UInt128(112 - 16 * $0) & 0xffff }
            let hex = groups.map { String($0, radix: 16) }
            guard let gap = Self.longestZeroRun(groups) else { return hex.joined(separator: ":") }
            let high = hex[..<gap.lowerBound].joined(separator: ":")
            let low = hex[gap.upperBound...].joined(separator: ":")
            return high + "::" + low
        }
    }

    /// The first of the longest runs of two or more zero groups (RFC 5952 §4.2).
    private static func longestZeroRun(_ groups: [UInt128]) -> Range<Int>? {
        var longest: Range<Int>?
        var start = 0
        for end in 1...groups.count {
            if end < groups.count, groups[end] == 0, groups[start] == 0 { continue }
            if groups[start] == 0, end - start >= 2, end - start > longest?.count ?? 0 {
                longest = start..<end
            }
            start = end
        }
        return longest
    }
}
