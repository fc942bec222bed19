/// The one date format that HTTP is written in, IMF-fixdate (RFC 9110 §5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let dayNames = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsPerDay: Int64 = 86_400
    /// The last second of the year 9999, the last one that four digits can name.
    private static let lastSecond: Int64 = 253_402_300_799

    /// The date and time in UTC, of the years 1970 to 9999.
    public static func format(secondsSince1970 seconds: Int64) -> String {
        precondition((0...lastSecond).contains(seconds), "HTTP dates have years of four digits")
        let days = Int(seconds / secondsPerDay)
        let secondOfDay = Int(seconds % secondsPerDay)
        let (year, month, day) = civilDate(daysSince1970: days)

        var text = dayNames[days % 7] + ", "
        append(day, to: &text)
        text += " \(monthNames[month - 1]) \(year) "
        append(secondOfDay / 3600, to: &text)
        text += ":"
        append(secondOfDay / 60 % 60, to: &text)
        text += ":"
        append(secondOfDay % 60, to: &text)
        text += " GMT"
        return text
    }

    /// The Gregorian date of a day. Years are counted from 1 March, so that a leap day is the last
    /// of its year, and in eras of 400 years, which all have the same number of days.
    private static func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let daysPerEra = 146_097
        let days = daysSince1970 + 719_468  // since 1 March of the year 0
        let dayOfEra = days % daysPerEra
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / (daysPerEra - 1)
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153  // 153 days in each five months from March
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = days / daysPerEra * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, day)
    }

    private static func append(_ number: Int, to text: inout String) {
        if number < 10 { text += "0" }
        text += String(number)
    }
}
