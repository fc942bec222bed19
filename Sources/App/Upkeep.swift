import Engine

/// What a node does again and again beside its clients: removing what is left of things that were
/// taken away, and the like.
///
/// Every node of a site does all of it; the chores bear that, and doing one twice.
package actor Upkeep {
    /// Something to be done every now and then.
    package struct Chore: Sendable {
        let name: String
        let interval: Duration
        /// Does some of it; true: there is more.
        let run: @Sendable () async throws(StoreError) -> Bool

        package init(
            _ name: String, every interval: Duration,
            _ run: @escaping @Sendable () async throws(StoreError) -> Bool
        ) {
            self.name = name
            self.interval = interval
            self.run = run
        }
    }

    private let chores: [Chore]
    private let log: Log
    private var running: [Task<Void, Never>] = []

    package init(_ chores: [Chore], log: Log) {
        self.chores = chores
        self.log = log
    }

    /// Does the chores, each on its own, until `stop`.
    package func start() {
        guard running.isEmpty else { return }
        let log = log
        running = chores.map { chore in
            Task {
                while !Task.isCancelled {
                    if await !Self.hasMore(chore, log) {
                        // Cancelled, it returns early.
                        try? await Task.sleep(for: chore.interval)
                    }
                }
            }
        }
    }

    /// Stops, and returns when nothing is under way any more.
    package func stop() async {
        for task in running { task.cancel() }
        for task in running { await task.value }
        running = []
    }

    /// Does some of a chore. What fails is done the next time; the store tells of its troubles itself.
    private static func hasMore(_ chore: Chore, _ log: Log) async -> Bool {
        do {
            return try await chore.run()
        } catch {
            log.debug("chore-failed", ["chore": chore.name, "cause": "\(error)"])
            return false
        }
    }
}
