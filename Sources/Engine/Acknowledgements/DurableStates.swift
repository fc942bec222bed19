/// The name of a durable subscription: the user's, by the id and the destination they chose.
struct DurableKey: Hashable, Sendable {
    let user: UserID
    let record: RecordKey

    /// Bytes of the id and the destination together: both are the client's to choose, and there is a
    /// record of them for a month.
    static let bytesMax = 512

    init(user: UserID, id: String, destination: String) throws(Refusal) {
        guard id.utf8.count + destination.utf8.count <= Self.bytesMax else {
            throw Refusal(.tooLarge, "the id and the destination are too long to be remembered")
        }
        self.user = user
        // The length tells where the id ends.
        record = RecordKey("durable", "\(user)/\(id.utf8.count)/\(id)\(destination)")
    }

    /// The durable subscriptions of a user by the time they are forgotten.
    var index: String { "durable-of/\(user)" }
}

/// A state as the store has it.
struct DurableState: Sendable {
    let acknowledgements: Acknowledgements
    let version: UInt64
    let expiresAtMs: Int64
}

/// The states of durable subscriptions in the store. Each is a lease, which ends when the
/// subscription was not used for 30 days.
struct DurableStates: Sendable {
    /// Subscriptions that are remembered for one user.
    static let perUserMax = 1_000

    private static let dayMs: Int64 = 24 * 60 * 60 * 1_000
    private static let leaseDays: Int64 = 30
    /// How often a change is tried again since another session wrote meanwhile.
    private static let attemptsMax = 16
    /// Ended leases that are cleared away when a subscription is added.
    private static let clearedMax = 100

    let store: any Store
    let now: @Sendable () -> Int64

    /// The state of a subscription; nil where there is none.
    func state(of key: DurableKey) async throws(StoreError) -> DurableState? {
        try await states(of: [key])[0]
    }

    /// Puts a subscription in the state that it begins with, whatever it was in, unless that is what
    /// is there. One that goes on keeps what another session has acknowledged meanwhile. Returns what
    /// is stored then.
    func begin(
        _ key: DurableKey, with acknowledgements: Acknowledgements, over stored: DurableState?,
        goingOn goesOn: Bool
    ) async throws(Refusal) -> DurableState {
        if let stored, stored.acknowledgements == acknowledgements,
            stored.expiresAtMs == leaseEndMs
        {
            return stored
        }
        var stored = stored
        var acknowledgements = acknowledgements
        for _ in 0..<Self.attemptsMax {
            let outcome: BeginOutcome
            do throws(StoreError) {
                outcome = try await begin(
                    DurableWrite(key: key, acknowledgements: acknowledgements, stored: stored))
            } catch {
                throw Refusal(error)
            }
            switch outcome {
            case .stored(let state): return state
            case .changed(let state):
                stored = state
                if goesOn, let state, state.acknowledgements.epoch == acknowledgements.epoch {
                    acknowledgements.formUnion(state.acknowledgements)
                }
            case .tooMany:
                throw Refusal(
                    .tooLarge, "the user has \(Self.perUserMax) durable subscriptions already")
            }
        }
        throw Refusal(StoreError.unavailable("a subscription changes too often"))
    }

    private enum BeginOutcome {
        case stored(DurableState)
        /// Another session wrote meanwhile: this is what is there now.
        case changed(DurableState?)
        case tooMany
    }

    private func begin(_ write: DurableWrite) async throws(StoreError) -> BeginOutcome {
        var changes: [Change] = []
        if write.stored == nil {
            guard let makesRoom = try await changesMakingRoom(for: write.key) else {
                return .tooMany
            }
            changes = makesRoom
        }
        let endMs = leaseEndMs
        changes += self.changes(write, leaseEndMs: endMs)
        do throws(StoreError) {
            try await store.commit(changes)
            return .stored(write.result(leaseEndMs: endMs))
        } catch {
            guard case .conflict = error else { throw error }
        }
        return .changed(try await state(of: write.key))
    }

    /// Stores what was acknowledged, together with what other sessions of the same subscription have
    /// stored. Returns the states that are stored then; nil for one whose stream has begun a new
    /// life in another session's eyes: what was acknowledged before means nothing in it.
    func write(_ writes: [DurableWrite]) async throws(StoreError) -> [DurableState?] {
        var writes: [DurableWrite?] = writes
        for _ in 0..<Self.attemptsMax {
            let endMs = leaseEndMs
            let changes = writes.compactMap(\.self).flatMap { self.changes($0, leaseEndMs: endMs) }
            do throws(StoreError) {
                if !changes.isEmpty { try await store.commit(changes) }
                return writes.map { $0?.result(leaseEndMs: endMs) }
            } catch {
                guard case .conflict = error else { throw error }
            }
            let places = writes.indices.filter { writes[$0] != nil }
            let states = try await states(of: places.compactMap { writes[$0]?.key })
            for (place, state) in zip(places, states) {
                writes[place] = writes[place]?.rebased(on: state)
            }
        }
        throw .unavailable("a subscription changes too often")
    }

    private func states(of keys: [DurableKey]) async throws(StoreError) -> [DurableState?] {
        let records = try await store.records(keys.map(\.record))
        var states: [DurableState?] = []
        for (key, record) in zip(keys, records) {
            guard let record else {
                states.append(nil)
                continue
            }
            let text = String(decoding: record.value, as: UTF8.self)
            guard let acknowledgements = Acknowledgements(text), let endMs = record.expiresAtMs
            else { throw .unavailable("the record \(key.record) is no durable subscription") }
            states.append(
                DurableState(
                    acknowledgements: acknowledgements, version: record.version,
                    expiresAtMs: endMs))
        }
        return states
    }

    /// When a lease that is taken now ends. In whole days, so that the index, which is in this order,
    /// changes once a day.
    private var leaseEndMs: Int64 { (now() / Self.dayMs + 1 + Self.leaseDays) * Self.dayMs }

    private func changes(_ write: DurableWrite, leaseEndMs endMs: Int64) -> [Change] {
        var changes: [Change] = [
            .put(
                write.key.record, value: Array(write.acknowledgements.text.utf8),
                expecting: write.stored.map { .version($0.version) } ?? .absent,
                expiresAtMs: endMs)
        ]
        guard write.stored?.expiresAtMs != endMs else { return changes }
        if let stored = write.stored {
            changes.append(.delete(write.entry(stored.expiresAtMs), index: write.key.index))
        }
        changes.append(.insert(write.entry(endMs), index: write.key.index))
        return changes
    }

    /// What clears away some of a user's subscriptions that have ended; nil where there is no room
    /// for one more.
    private func changesMakingRoom(
        for key: DurableKey
    ) async throws(StoreError) -> [Change]? {
        let nowKey = now().sortKey
        let count = try await store.count(of: key.index, in: IndexRange(from: nowKey))
        guard count < Self.perUserMax else { return nil }
        let ended = try await store.entries(
            of: key.index, in: IndexRange(upTo: nowKey), descending: false, skip: 0,
            limit: Self.clearedMax)
        return ended.map { .delete($0, index: key.index) }
    }
}

/// What a session wants to store of one subscription.
struct DurableWrite: Sendable {
    let key: DurableKey
    let acknowledgements: Acknowledgements
    /// What the session has seen in the store last; nil: nothing.
    let stored: DurableState?

    func result(leaseEndMs: Int64) -> DurableState {
        DurableState(
            acknowledgements: acknowledgements, version: (stored?.version ?? 0) + 1,
            expiresAtMs: leaseEndMs)
    }

    /// The same after another session has written; nil where that one follows another epoch.
    func rebased(on state: DurableState?) -> DurableWrite? {
        var union = acknowledgements
        if let state {
            guard state.acknowledgements.epoch == union.epoch else { return nil }
            union.formUnion(state.acknowledgements)
        }
        return DurableWrite(key: key, acknowledgements: union, stored: state)
    }

    func entry(_ expiresAtMs: Int64) -> IndexEntry {
        IndexEntry(sortKey: expiresAtMs.sortKey, id: key.record.id)
    }
}

extension Refusal {
    /// What a client hears when the store did not do what its request needed.
    package init(_ error: StoreError) {
        self.init(
            .storeUnavailable, "this could not be stored; try it again", retryAfterMs: 1_000)
    }
}
