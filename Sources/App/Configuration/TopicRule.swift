import Engine

/// What the generic topics of a pattern keep: `news.**=history:1000,age:7d`.
struct TopicRule: Equatable, Sendable, CustomStringConvertible {
    let pattern: TopicPattern
    let retention: Retention

    /// The most publications that a topic may be told to keep.
    static let historyMax = 10_000_000

    /// Reads a pattern, `=`, and `history:N` with, optionally, `age:TIME`, in either order. Nil for
    /// anything else, `history` missing or a part given twice included.
    init?(_ text: String) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, let pattern = TopicPattern(String(sides[0])) else { return nil }
        var history: Int?
        var age: Duration?
        for part in sides[1].split(separator: ",", omittingEmptySubsequences: false) {
            if part.hasPrefix("history:"), history == nil {
                history = wholeNumber(part.dropFirst("history:".count))
                guard history != nil else { return nil }
            } else if part.hasPrefix("age:"), age == nil {
                age = TimeSpan.parse(part.dropFirst("age:".count))
                guard age != nil, age != .zero else { return nil }
            } else {
                return nil
            }
        }
        guard let history, history <= Self.historyMax else { return nil }
        self.pattern = pattern
        retention = Retention(
            countMax: history, ageMaxMs: age.map { Int64(TimeSpan.milliseconds($0)) })
    }

    var description: String {
        let age = retention.ageMaxMs.map { ",age:" + TimeSpan.text(.milliseconds($0)) }
        return "\(pattern)=history:\(retention.countMax)\(age ?? "")"
    }
}
