import Synchronization

/// Counts from any thread.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func add(_ amount: Int = 1) {
        value.add(amount, ordering: .sequentiallyConsistent)
    }

    var count: Int { value.load(ordering: .sequentiallyConsistent) }
}
