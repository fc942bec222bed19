import Synchronization
import TestSupport

/// Lets tasks, or steps of an adapter, through when it is open.
final class Gate: Sendable {
    private struct State {
        var isOpen: Bool
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    init(isOpen: Bool) {
        state = Mutex(State(isOpen: isOpen))
    }

    /// Runs the steps of an adapter when the gate is open.
    var schedule: Schedule {
        { step in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiting.append(step) }
                return state.isOpen
            }
            if isOpen { step() }
        }
    }

    /// Returns once the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in schedule { continuation.resume() } }
    }

    /// Steps that stand before the gate.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func close() {
        state.withLock { $0.isOpen = false }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return exchange(&state.waiting, with: [])
        }
        for step in waiting { step() }
    }
}
