import Synchronization

/// The end of waiting.
enum Deadline {
    /// Whether `work` has ended within so much time. Where it has not it goes on: it ends with the
    /// process.
    static func run(
        within limit: Duration, _ work: @escaping @Sendable () async -> Void
    ) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            Task {
                await work()
                answer.give(true)
            }
            Task {
                // Nobody cancels it.
                try? await Task.sleep(for: limit)
                answer.give(false)
            }
        }
    }

    /// Takes the first answer and drops the other.
    private final class Answer: Sendable {
        private let continuation: Mutex<CheckedContinuation<Bool, Never>?>

        init(_ continuation: CheckedContinuation<Bool, Never>) {
            self.continuation = Mutex(continuation)
        }

        func give(_ hasEnded: Bool) {
            continuation.withLock { $0.take() }?.resume(returning: hasEnded)
        }
    }
}
