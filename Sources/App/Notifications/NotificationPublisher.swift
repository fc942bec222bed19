import Engine
import Synchronization

/// Publishes what is committed about notifications to the streams of those who are told.
///
/// What this node has committed is published at once, one batch after the other. A node that ended
/// in between, a log that was away: whatever waits for longer than `patienceMs` is published by any
/// node that finds it. Twice is once, by the idempotency key; of two nodes that publish versions of
/// one notification at the same time either may be first, so that readers go by its `version`.
package final class NotificationPublisher: Sendable {
    private struct State {
        /// Entries of the outbox that are committed and not taken up yet.
        var waiting: [IndexEntry] = []
        /// Publishes until nothing waits; nil while nobody is at it.
        var work: Task<Void, Never>?
        var hasEnded = false
    }

    /// Entries that may wait in memory; those beyond are found in the store.
    private static let waitingMax = 65_536
    /// Entries published together: few, since what is said in rooms waits behind them.
    private static let batchMax = 64
    /// How old an entry is when it is taken for left over, in milliseconds.
    static let patienceMs: Int64 = 3_000

    private let store: any Store
    private let broker: any Broker
    private let people: People
    private let retention: NotificationRetention
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    package init(
        store: any Store, broker: any Broker, people: People, retention: NotificationRetention,
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.broker = broker
        self.people = people
        self.retention = retention
        self.now = now
    }

    /// Publishes entries that were committed now; returns at once.
    func publish(_ entries: [IndexEntry]) {
        state.withLock { state in
            guard !state.hasEnded, state.waiting.count < Self.waitingMax else { return }
            state.waiting += entries
            if state.work == nil { state.work = Task { await work() } }
        }
    }

    /// Looks every two seconds for what was left over.
    package var chore: Upkeep.Chore {
        Upkeep.Chore("notifications", every: .seconds(2)) { () throws(StoreError) in
            try await self.sweep()
        }
    }

    /// Publishes what was left over, up to a batch of it; returns whether there may be more.
    func sweep() async throws(StoreError) -> Bool {
        let entries = try await store.entries(
            of: NotificationOutbox.index,
            in: IndexRange(upTo: (now() - Self.patienceMs).sortKey), descending: false, skip: 0,
            limit: Self.batchMax)
        try await finish(entries)
        return entries.count == Self.batchMax
    }

    /// Finishes what is under way; what is committed later waits for another node.
    package func stop() async {
        state.withLock { $0.hasEnded = true }
        await settle()
    }

    /// Returns when nothing is under way.
    func settle() async {
        await state.withLock { $0.work }?.value
    }

    private func work() async {
        while let batch = takeBatch() {
            // What fails stays in the store, where it is found again.
            try? await finish(batch)
        }
    }

    private func takeBatch() -> [IndexEntry]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.work = nil
                return nil
            }
            let batch = state.waiting.prefix(Self.batchMax)
            state.waiting.removeFirst(batch.count)
            return Array(batch)
        }
    }

    /// Publishes entries, and deletes them from the outbox.
    private func finish(_ entries: [IndexEntry]) async throws(StoreError) {
        guard !entries.isEmpty else { return }
        let publications = try await publications(for: entries)
        let failed = await append(publications)
        let finished = entries.filter { !failed.contains($0) }
        try await store.commit(finished.map { .delete($0, index: NotificationOutbox.index) })
        let newcomers = finished.compactMap(NotificationOutbox.Item.init).filter(\.isNew)
        for user in Set(newcomers.map(\.user)) { try await retention.trim(of: user) }
    }

    private struct PendingPublication {
        let entry: IndexEntry
        let route: RoomRoute
        let draft: Draft
    }

    /// Appends all of them, and returns the entries of those that could not be.
    private func append(_ publications: [PendingPublication]) async -> Set<IndexEntry> {
        guard !publications.isEmpty else { return [] }
        let outcome = Mutex((left: publications.count, failed: Set<IndexEntry>()))
        return await withCheckedContinuation { continuation in
            for publication in publications {
                broker.append(
                    publication.draft, to: publication.route.stream,
                    keeping: publication.route.policy.retention
                ) { result in
                    let failed = outcome.withLock { outcome -> Set<IndexEntry>? in
                        if case .failure = result { outcome.failed.insert(publication.entry) }
                        outcome.left -= 1
                        return outcome.left == 0 ? outcome.failed : nil
                    }
                    if let failed { continuation.resume(returning: failed) }
                }
            }
        }
    }

    /// What is to be said now: what was changed again since is said by the later entry.
    private func publications(
        for entries: [IndexEntry]
    ) async throws(StoreError) -> [PendingPublication] {
        let items = entries.compactMap { entry in
            NotificationOutbox.Item(entry).map { (entry, $0) }
        }
        let found = try await store.notifications(items.map(\.1.cause))
        var present: [StoredNotification] = []
        var bodies: [IndexEntry: [UInt8]] = [:]
        var shown: [IndexEntry] = []
        for (found, (entry, item)) in zip(found, items) {
            if item.version == nil {
                bodies[entry] = StoredValue.encode(NotificationEnd(id: item.id))
            } else if let found, found.notification.id == item.id, found.version == item.version {
                present.append(found)
                shown.append(entry)
            }
        }
        for (entry, view) in zip(shown, try await people.views(of: present)) {
            bodies[entry] = StoredValue.encode(view)
        }
        let nowMs = now()
        return items.compactMap { entry, item in
            bodies[entry].map { body in
                PendingPublication(
                    entry: entry, route: Destinations.notifications(of: item.user),
                    draft: Draft(
                        sender: .server, senderName: "", contentType: "application/json",
                        body: body, timestampMs: nowMs, idempotencyKey: item.idempotencyKey))
            }
        }
    }
}
