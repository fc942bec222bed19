import Synchronization

/// Steps of in-memory adapters that happen when a simulation says so: what the disk does, or another
/// process.
public final class ManualSteps: Sendable {
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    public init() {}

    /// Hands steps to this queue.
    public var schedule: Schedule {
        { step in self.waiting.withLock { $0.append(step) } }
    }

    /// Steps that wait.
    public var count: Int { waiting.withLock { $0.count } }

    /// Runs the steps that wait now.
    public func runAll() {
        for step in waiting.withLock({ exchange(&$0, with: []) }) { step() }
    }

    /// Runs the step at a place among those that wait, 0 being the oldest.
    func runNext(at place: Int) {
        let step = waiting.withLock { $0.remove(at: place) }
        step()
    }
}
