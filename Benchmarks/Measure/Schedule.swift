/// The fixed times of an open loop: message `n`, from 0, is due `n / rate` seconds after the start,
/// whatever became of those before it. So a server that falls behind shows in the latency, and does
/// not slow down the question.
public struct Schedule: Sendable, Hashable {
    public let startUs: Int64
    public let ratePerSecond: Int

    public init(startUs: Int64, ratePerSecond: Int) {
        precondition(ratePerSecond > 0, "an open loop has a rate")
        self.startUs = startUs
        self.ratePerSecond = ratePerSecond
    }

    /// When message `number` is due. Rounded down to a microsecond, without adding up the error.
    public func dueUs(_ number: Int64) -> Int64 {
        let (seconds, rest) = number.quotientAndRemainder(dividingBy: Int64(ratePerSecond))
        return startUs + seconds * 1_000_000 + rest * 1_000_000 / Int64(ratePerSecond)
    }

    /// How many messages are due at `nowUs`, the one of that very moment included.
    public func dueCount(atUs nowUs: Int64) -> Int64 {
        guard nowUs >= startUs else { return 0 }
        let elapsedUs = nowUs - startUs
        let (seconds, restUs) = elapsedUs.quotientAndRemainder(dividingBy: 1_000_000)
        var count = seconds * Int64(ratePerSecond) + restUs * Int64(ratePerSecond) / 1_000_000
        // What `dueUs` rounds down is due a little before its exact time.
        while dueUs(count) <= nowUs { count += 1 }
        return count
    }

    /// The grid to be woken on so that no message waits for its wake-up: the messages' own interval,
    /// or a part of it of at most 50 ms; never below 250 µs, where several are due at a time.
    public var wakeIntervalUs: Int64 {
        let intervalUs = 1_000_000 / Int64(ratePerSecond)
        let parts = (intervalUs + Self.wakeIntervalMaxUs - 1) / Self.wakeIntervalMaxUs
        return max(Self.wakeIntervalMinUs, intervalUs / max(1, parts))
    }

    private static let wakeIntervalMinUs: Int64 = 250
    private static let wakeIntervalMaxUs: Int64 = 50_000
}
