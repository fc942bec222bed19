import Measure

/// A line on standard error each second, so that whoever waits sees that something happens.
struct Progress {
    private var nextUs: Int64
    private let startUs: Int64

    init(startUs: Int64) {
        self.startUs = startUs
        nextUs = startUs + 1_000_000
    }

    /// Writes the line where the next second has begun.
    mutating func report(atUs nowUs: Int64, _ line: () -> String) {
        guard nowUs >= nextUs else { return }
        nextUs += ((nowUs - nextUs) / 1_000_000 + 1) * 1_000_000
        StandardError.write("\((nowUs - startUs) / 1_000_000)s  \(line())")
    }
}
