import Synchronization

/// The operator's wish that the program ends, for the one command that can end gently.
final class EndRequest: Sendable {
    private enum State {
        /// Nobody listens: a signal ends the process.
        case unheard
        /// Somebody will wait.
        case expected
        case awaited(CheckedContinuation<Int32, Never>)
        case delivered(signal: Int32)
    }

    private let state = Mutex(State.unheard)

    /// From here on a wish is kept for `wait`.
    func expect() {
        state.withLock { $0 = .expected }
    }

    /// Returns once the wish was delivered, with the signal that said so. Called once, after
    /// `expect`.
    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if case .delivered(let signal) = state {
                    return continuation.resume(returning: signal)
                }
                state = .awaited(continuation)
            }
        }
    }

    /// Passes the wish on; false where nobody expects it, or a second time.
    func deliver(_ signal: Int32) -> Bool {
        state.withLock { state in
            switch state {
            case .unheard, .delivered:
                return false
            case .expected:
                state = .delivered(signal: signal)
                return true
            case .awaited(let continuation):
                state = .delivered(signal: signal)
                continuation.resume(returning: signal)
                return true
            }
        }
    }
}
