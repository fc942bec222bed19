/// Where the name and the value of one header lie, still escaped.
struct STOMPHeaderLine {
    let name: Range<Int>
    let value: Range<Int>

    /// Splits a line's content at its first colon; nil without one.
    init?(_ content: Range<Int>, in bytes: Span<UInt8>, _ coding: STOMPHeaderCoding) {
        guard let colon = STOMPBytes.firstIndex(of: UInt8(ascii: ":"), in: bytes, range: content)
        else { return nil }
        let name = content.lowerBound..<colon
        let value = colon &+ 1..<content.upperBound
        if coding.trimsSpaces {
            self.name = Self.trimmed(name, in: bytes)
            self.value = Self.trimmed(value, in: bytes)
        } else {
            self.name = name
            self.value = value
        }
    }

    /// A line, given without its line feed, without the carriage return that belongs to its end.
    /// Empty for the line that ends a head.
    static func content(
        _ line: Range<Int>, in bytes: Span<UInt8>, _ coding: STOMPHeaderCoding
    ) -> Range<Int> {
        guard coding.takesCarriageReturn, !line.isEmpty,
            bytes[line.upperBound &- 1] == UInt8(ascii: "\r")
        else { return line }
        return line.lowerBound..<line.upperBound &- 1
    }

    private static func trimmed(_ range: Range<Int>, in bytes: Span<UInt8>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, bytes[lower] == UInt8(ascii: " ") { lower &+= 1 }
        while lower < upper, bytes[upper &- 1] == UInt8(ascii: " ") { upper &-= 1 }
        return lower..<upper
    }
}
