/// Times as the wire carries them: ISO 8601 in UTC with milliseconds.
package enum Timestamp {
    /// `2026-01-31T09:30:00.000Z` of milliseconds since 1970.
    package static func text(_ timeMs: Int64) -> String {
        String(decoding: bytes(timeMs), as: UTF8.self)
    }

    /// The same as UTF-8. Plain arithmetic: this runs once per message.
    static func bytes(_ timeMs: Int64) -> [UInt8] {
        let (days, dayMs) = timeMs.flooringQuotientAndRemainder(by: 86_400_000)
        let date = civilDate(daysSince1970: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        append(date.year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        append(date.day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        append(dayMs / 3_600_000, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(dayMs / 60_000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(dayMs / 1_000 % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "."))
        append(dayMs % 1_000, digits: 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return text
    }

    private static func append(_ number: Int64, digits: Int, to text: inout [UInt8]) {
        var unit: Int64 = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }

    /// The proleptic Gregorian date, counting years from March so that the leap day comes last.
    private static func civilDate(
        daysSince1970 days: Int64
    ) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooringQuotientAndRemainder(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }
}

extension Int64 {
    fileprivate func flooringQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
