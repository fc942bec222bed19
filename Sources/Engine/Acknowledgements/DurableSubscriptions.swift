/// A session's durable subscriptions, and what of them is not stored yet.
///
/// A pure state machine but for its being shared: the session performs what it decides. A class,
/// since a session without any, as nearly all are, has nothing but a reference to spare.
final class DurableSubscriptions {
    /// By the subscriptions' numbers. Those that have ended stay until they are stored, and until
    /// nothing can be acknowledged any more that a transaction held.
    private var all: [UInt32: DurableSubscription] = [:]
    /// Who waits for the next write.
    private var waiting: [Waiter] = []
    /// The write under way; there is one at a time.
    var writing: Task<Void, Never>?
    /// Whether a write without haste is on its way.
    var isWriteScheduled = false

    enum Waiter: Sendable {
        /// An ACK, or a COMMIT with some.
        case request(receipt: String?)
        /// The end of the session.
        case goodbye
    }

    struct Batch: Sendable {
        let numbers: [UInt32]
        let writes: [DurableWrite]
        let waiters: [Waiter]
    }

    /// Whether nothing is left that the session would have to remember.
    var isEmpty: Bool { all.isEmpty && waiting.isEmpty && writing == nil }

    /// Whether something is not stored yet.
    var isUnwritten: Bool { writing != nil || all.values.contains { $0.isDirty } }

    /// Whether a write has something to do.
    var hasWork: Bool { !waiting.isEmpty || all.values.contains { $0.isDirty } }

    subscript(number: UInt32) -> DurableSubscription? {
        get { all[number] }
        set { all[number] = newValue }
    }

    /// The subscription has ended.
    func end(_ number: UInt32) {
        all[number]?.hasEnded = true
    }

    /// Lets go of what has ended and is stored.
    func forgetEnded() {
        all = all.filter { !$0.value.hasEnded || $0.value.isDirty }
    }

    /// Lets somebody wait for everything that was acknowledged so far.
    func enlist(_ waiter: Waiter) {
        waiting.append(waiter)
    }

    /// What is to be written now; nil: nothing, and nobody waits. Somebody may have to wait for the
    /// next one, too, where a subscription was ended and begun again in between.
    func takeBatch() -> Batch? {
        guard hasWork else { return nil }
        var keys: Set<DurableKey> = []
        let dirty = all.filter(\.value.isDirty).sorted { $0.key < $1.key }
            .filter { keys.insert($0.value.key).inserted }
        for (number, _) in dirty { all[number]?.isDirty = false }
        let isLast = !all.values.contains { $0.isDirty }
        defer { if isLast { waiting = [] } }
        return Batch(
            numbers: dirty.map(\.key), writes: dirty.map(\.value.write),
            waiters: isLast ? waiting : [])
    }

    /// Who waits, where there is no next write soon.
    func takeWaiting() -> [Waiter] {
        exchange(&waiting, with: [])
    }

    /// A batch is stored, together with what other sessions had stored: nil for subscriptions that
    /// were taken over in another epoch.
    func took(_ states: [DurableState?], of batch: Batch) {
        for (number, state) in zip(batch.numbers, states) {
            if let state {
                all[number]?.take(state)
            } else {
                all[number]?.isSuperseded = true
            }
        }
    }

    /// A batch was not stored: its subscriptions are to be written again.
    func giveBack(_ batch: Batch) {
        for number in batch.numbers { all[number]?.isDirty = true }
    }
}

/// One durable subscription of a session.
struct DurableSubscription: Sendable {
    let key: DurableKey
    let mode: AcknowledgementMode
    private(set) var acknowledgements: Acknowledgements
    /// As the store had it when we last wrote or looked.
    private var stored: DurableState
    /// The newest offset that was sent from history, or stood at the top when it went live.
    private(set) var sentUpTo: UInt64
    /// Whether something is not stored yet.
    var isDirty = false
    /// Whether the client ended it, or its session did.
    var hasEnded = false
    /// Whether another session has begun it anew in another epoch: what is acknowledged here is
    /// stored no more.
    var isSuperseded = false {
        didSet { if isSuperseded { isDirty = false } }
    }

    init(key: DurableKey, mode: AcknowledgementMode, stored: DurableState) {
        self.key = key
        self.mode = mode
        self.stored = stored
        acknowledgements = stored.acknowledgements
        sentUpTo = acknowledgements.cursor
    }

    var write: DurableWrite {
        DurableWrite(key: key, acknowledgements: acknowledgements, stored: stored)
    }

    /// What of a page of history, or of a replay that ends at `position`, the client is owed.
    mutating func owed(_ publications: [Publication], upTo position: Position) -> [Publication] {
        if position.epoch != acknowledgements.epoch {
            // The stream began anew after we asked where it stands.
            acknowledgements = Acknowledgements(epoch: position.epoch, cursor: position.offset)
            isDirty = true
        }
        sentUpTo = max(sentUpTo, position.offset)
        return publications.filter { !acknowledgements.contains($0.offset) }
    }

    /// Takes an acknowledgement. Returns whether that changed anything.
    mutating func acknowledge(_ offset: UInt64) throws(Refusal) -> Bool {
        guard !acknowledgements.contains(offset) else { return false }
        if mode == .individual {
            try acknowledgements.acknowledge(only: offset)
        } else {
            acknowledgements.acknowledge(upTo: offset)
        }
        isDirty = !isSuperseded
        return true
    }

    /// Takes over what is stored now, which may be more than we wrote.
    mutating func take(_ state: DurableState) {
        stored = state
        if state.acknowledgements.epoch == acknowledgements.epoch {
            acknowledgements.formUnion(state.acknowledgements)
        }
    }
}
