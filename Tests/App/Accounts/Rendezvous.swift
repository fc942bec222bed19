import Synchronization

/// A schedule under which things that a test says happen at the same time really do: the next steps
/// wait until all of them have been asked for.
final class Rendezvous: Sendable {
    private struct State {
        var missing = 0
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())

    /// Makes the next `count` steps wait for one another. Every step after them runs at once again.
    func expect(_ count: Int) {
        state.withLock { $0.missing = count }
    }

    /// The schedule to give to a store.
    func run(_ step: @escaping @Sendable () -> Void) {
        let due = state.withLock { state in
            guard state.missing > 0 else { return [step] }
            state.missing -= 1
            state.waiting.append(step)
            guard state.missing == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for step in due { step() }
    }
}
