import Synchronization

/// The operator's wish that the program ends, for the one command that can end gently.
final class EndRequest: Sendable {
    private enum State {
        /// Nobody listens: a signal ends the process.
        case unheard
        /// Somebody will wait.
        case expected
        case awaited(CheckedContinuation<Void, Never>)
        case delivered
    }

    private let state = Mutex(State.unheard)

    /// From here on a wish is kept for `wait`.
    func expect() {
        state.withLock { $0 = .expected }
    }

    /// Returns once the wish was delivered. Called once, after `expect`.
    func wait() async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if case .delivered = state { return continuation.resume() }
                state = .awaited(continuation)
            }
        }
    }

    /// Passes the wish on; false where nobody expects it, or a second time.
    func deliver() -> Bool {
        state.withLock { state in
            switch state {
            case .unheard, .delivered:
                return false
            case .expected:
                state = .delivered
                return true
            case .awaited(let continuation):
                state = .delivered
                continuation.resume()
                return true
            }
        }
    }
}
