/// The number that `digits` writes in ASCII digits alone, or nil: no sign, no space, no overflow.
func wholeNumber(_ digits: Substring) -> Int? {
    guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        return nil
    }
    return Int(digits)
}

/// How spans of time are written in settings: a whole number and one of `ms s m h d`.
enum TimeSpan {
    private static let units: [(suffix: String, worth: Int)] = [  // in milliseconds
        ("d", 86_400_000), ("h", 3_600_000), ("ms", 1), ("m", 60_000), ("s", 1_000),
    ]

    /// The span that `text` writes, or nil where number or unit are missing or it is out of range.
    static func parse(_ text: Substring) -> Duration? {
        Quantity.parse(text, units: units).map { .milliseconds($0) }
    }

    /// The span in the largest unit that writes it exactly; parts of a millisecond are cut off.
    static func text(_ span: Duration) -> String {
        let total = milliseconds(span)
        return total == 0 ? "0s" : Quantity.text(total, units: units)
    }

    /// The whole milliseconds of `span`.
    static func milliseconds(_ span: Duration) -> Int {
        let (seconds, attoseconds) = span.components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

/// How numbers of bytes are written in settings: a whole number, alone or with `KiB MiB GiB`.
enum ByteCount {
    private static let units: [(suffix: String, worth: Int)] = [  // in bytes
        ("GiB", 1_024 * 1_024 * 1_024), ("MiB", 1_024 * 1_024), ("KiB", 1_024), ("", 1),
    ]

    /// The number that `text` writes, or nil where it is none or out of range.
    static func parse(_ text: String) -> Int? {
        Quantity.parse(text[...], units: units)
    }

    /// The number in the largest unit that writes it exactly.
    static func text(_ bytes: Int) -> String {
        bytes == 0 ? "0" : Quantity.text(bytes, units: units)
    }
}

/// A whole number followed by a unit, which is worth some number of the smallest unit.
private enum Quantity {
    static func parse(_ text: Substring, units: [(suffix: String, worth: Int)]) -> Int? {
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = wholeNumber(text.dropLast(unit.suffix.count))
        else { return nil }
        let (total, overflow) = number.multipliedReportingOverflow(by: unit.worth)
        return overflow ? nil : total
    }

    /// `total` must not be zero.
    static func text(_ total: Int, units: [(suffix: String, worth: Int)]) -> String {
        let fitting = units.filter { total.isMultiple(of: $0.worth) }.max { $0.worth < $1.worth }
        guard let unit = fitting else { preconditionFailure("the smallest unit is worth one") }
        return String(total / unit.worth) + unit.suffix
    }
}
