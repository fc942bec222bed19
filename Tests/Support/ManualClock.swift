import Synchronization

/// A clock that a test sets: milliseconds since 1970.
public final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    public init(_ nowMs: Int64 = 1_700_000_000_000) {
        milliseconds = Atomic(nowMs)
    }

    /// The time now.
    public var nowMs: Int64 { milliseconds.load(ordering: .sequentiallyConsistent) }

    /// Moves the time forward, or back by a negative amount.
    public func advance(byMs amount: Int64) {
        milliseconds.add(amount, ordering: .sequentiallyConsistent)
    }
}
