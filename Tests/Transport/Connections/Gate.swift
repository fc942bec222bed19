import Dispatch
import Synchronization
import TestSupport

/// Lets tasks, or steps of an adapter, through when it is open.
final class Gate: Sendable {
    private struct State {
        var isOpen: Bool
        var waiting: [@Sendable () -> Void] = []
        /// Whoever wants to know when so many steps stand before the gate.
        var watchers: [(count: Int, signal: DispatchSemaphore)] = []

        mutating func takeSatisfiedWatchers() -> [DispatchSemaphore] {
            let count = waiting.count
            defer { watchers.removeAll { $0.count <= count } }
            return watchers.filter { $0.count <= count }.map(\.signal)
        }
    }

    private let state: Mutex<State>

    init(isOpen: Bool) {
        state = Mutex(State(isOpen: isOpen))
    }

    /// Runs the steps of an adapter when the gate is open.
    var schedule: Schedule {
        { step in
            let (isOpen, satisfied) = self.state.withLock { state in
                if !state.isOpen { state.waiting.append(step) }
                return (state.isOpen, state.takeSatisfiedWatchers())
            }
            for signal in satisfied { signal.signal() }
            if isOpen { step() }
        }
    }

    /// Returns once the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in schedule { continuation.resume() } }
    }

    /// Steps that stand before the gate.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Blocks until so many steps stand before the gate; false where they don't come in a minute.
    func gathers(_ count: Int) -> Bool {
        let signal = DispatchSemaphore(value: 0)
        let satisfied = state.withLock { state in
            state.watchers.append((count, signal))
            return state.takeSatisfiedWatchers()
        }
        for signal in satisfied { signal.signal() }
        return signal.wait(timeout: .now() + .seconds(60)) == .success
    }

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
