/// Figures for people, a line each.
enum Table {
    private static let nameWidth = 44

    static let heading =
        pad("benchmark", to: nameWidth) + right("ns/op") + right("allocs/op") + right("bytes/op")
        + right("sends/op")

    static func line(_ measurement: Measurement) -> String {
        pad(measurement.name, to: nameWidth)
            + right(measurement.nanoseconds.map { text($0, digits: $0 < 100 ? 1 : 0) } ?? "")
            + right(text(measurement.allocations, digits: 2))
            + right(text(measurement.bytes, digits: 0))
            + right(measurement.sends == 0 ? "" : text(measurement.sends, digits: 2))
    }

    /// A number with so many digits after its point.
    static func text(_ number: Double, digits: Int) -> String {
        guard digits > 0 else { return String(Int(number.rounded())) }
        let scale = digits == 1 ? 10 : 100
        let scaled = Int((number * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(scaled / scale).\(zeros)\(fraction)"
    }

    private static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String) -> String {
        String(repeating: " ", count: max(1, 11 - text.count)) + text
    }
}
