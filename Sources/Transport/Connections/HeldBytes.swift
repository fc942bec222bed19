import Synchronization

/// What all clients of the process together make it hold: bytes that wait for them to read, and
/// input that is not whole. Each loop adds what has changed on it, once a tick.
final class HeldBytes: Sendable {
    /// More than this, and those that make the process hold most are sent away.
    let bytesMax: Int
    private let total = Atomic<Int>(0)
    private let loopCount: Int

    init(bytesMax: Int, loopCount: Int) {
        self.bytesMax = bytesMax
        self.loopCount = loopCount
    }

    /// Of all loops.
    var count: Int { total.load(ordering: .relaxed) }

    func add(_ change: Int) {
        total.add(change, ordering: .relaxed)
    }

    /// How many bytes a loop that holds `count` must get rid of: none unless there is too much in
    /// all, and this loop has more than its share. Then some more than is needed, so that the next
    /// byte is not too much again.
    func excess(ofLoopHolding count: Int) -> Int {
        let total = self.count
        guard total > bytesMax, count > bytesMax / loopCount else { return 0 }
        let goal = bytesMax - bytesMax / 8
        return min(total - goal, count - goal / loopCount)
    }
}
