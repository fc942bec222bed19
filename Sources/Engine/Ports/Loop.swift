/// A thread of execution that the engine's actors are pinned to: in production an event loop, in the
/// simulation a queue whose jobs a seed puts in order.
public protocol Loop: SerialExecutor {
    /// Whether the caller runs on this loop.
    var isCurrent: Bool { get }

    /// Milliseconds of a clock that never goes back; `schedule` follows the same.
    var nowMs: Int64 { get }

    /// Runs `work` on this loop, after everything the caller's thread posted to it before. Never
    /// runs it within the call, not even on the loop itself.
    func post(_ work: @escaping @Sendable () -> Void)

    /// Runs `work` on this loop once `delayMs` milliseconds have passed, give or take the loop's
    /// granularity. It can't be cancelled: check on arrival whether it still matters.
    func schedule(afterMs delayMs: Int64, _ work: @escaping @Sendable () -> Void)
}
