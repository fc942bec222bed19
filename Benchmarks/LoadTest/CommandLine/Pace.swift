import Measure

/// When messages are sent.
enum Pace: Hashable, Sendable {
    /// At fixed times, whatever became of the messages before.
    case open(ratePerSecond: Int)
    /// As soon as fewer than so many are unfinished, in all rooms together.
    case closed(window: Int)

    /// Reads `--rate` and `--window`.
    init(_ values: FlagValues, usualRate: Int) throws(FlagError) {
        let window = try values.count("window", in: 1...1_000_000)
        guard values.text("rate") == "max" else {
            guard window == nil else { throw .contradiction("--window belongs to --rate max") }
            self = .open(ratePerSecond: try values.count("rate", in: 1...1_000_000) ?? usualRate)
            return
        }
        self = .closed(window: window ?? 64)
    }

    /// Nil where messages are not sent at fixed times.
    var ratePerSecond: Int? {
        if case .open(let ratePerSecond) = self { ratePerSecond } else { nil }
    }
}
