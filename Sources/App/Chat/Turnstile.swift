import Synchronization

/// Lets so many in at a time; the others wait in the order in which they came.
///
/// Who waits is bounded by who may ask: a connection asks for one thing at a time.
final class Turnstile: Sendable {
    private struct State {
        var insideCount = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    /// Returns when there is room inside. Each must `leave`.
    func enter() async {
        await withCheckedContinuation { continuation in
            let isIn = state.withLock { state in
                guard state.insideCount < countMax else {
                    state.waiting.append(continuation)
                    return false
                }
                state.insideCount += 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    /// Makes room for the next.
    func leave() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.insideCount -= 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
