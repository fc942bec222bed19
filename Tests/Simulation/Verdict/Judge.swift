import Engine

/// Knows what was promised, and what the core's logs say; collects what does not fit.
final class Judge {
    /// A publication that some client set out to make.
    private struct Intent {
        let room: RoomSpec
        let body: [UInt8]
    }

    let counts: FaultCounter
    private(set) var wrongs: [String] = []
    private let core: any Core
    private let timeline: Timeline
    private var intents: [String: Intent] = [:]
    /// What receipts have said, in order.
    private var receipts: [(name: String, appended: Appended)] = []

    init(_ core: any Core, _ timeline: Timeline, _ counts: FaultCounter) {
        self.core = core
        self.timeline = timeline
        self.counts = counts
    }

    func accuse(_ what: String) {
        guard wrongs.count < 8 else { return }
        wrongs.append("at \(timeline.elapsedMs) ms: \(what)")
    }

    // MARK: Publishing

    /// A client will publish `body`, under a receipt that names nothing else.
    func intends(_ receipt: String, in room: RoomSpec, _ body: [UInt8]) {
        intents[receipt] = Intent(room: room, body: body)
    }

    /// A node said that something is stored: so it must be, now and for good.
    func hears(_ receipt: String, _ appended: Appended) {
        if appended.isDuplicate { counts.count(.duplicate) }
        guard let intent = intents[receipt] else {
            return accuse("a receipt for nothing: \(receipt)")
        }
        guard intent.room.isKept else { return }
        receipts.append((receipt, appended))
        if !isStored(intent, at: appended.position) {
            accuse("receipt for \(receipt) at \(appended.position), where it is not stored")
        }
    }

    private func isStored(_ intent: Intent, at position: Position) -> Bool {
        let stream = core.durable(intent.room.stream, in: position.epoch)
        return stream?.publication(at: position.offset)?.body == intent.body
    }

    // MARK: Seeing

    /// Somebody is shown a publication: a crash must not be able to take it back any more.
    func sees(_ publication: Publication, in room: RoomSpec, epoch: Epoch, _ who: String) {
        guard room.isKept else { return }
        let stored = core.durable(room.stream, in: epoch)?.publication(at: publication.offset)
        guard stored !== publication else { return }
        if stored?.body != publication.body || stored?.sender != publication.sender {
            accuse(
                "\(who) in \(room.stream) is shown \(epoch):\(publication.offset), "
                    + (stored == nil ? "which is not stored" : "where something else is stored"))
        }
    }

    /// The oldest offset that can be read now in some life of a room; nil: the life is over, and
    /// nothing can be.
    func floor(of room: RoomSpec, in epoch: Epoch) -> UInt64? {
        guard room.isKept, epoch == core.epoch(of: room) else { return nil }
        return core.durable(room.stream, in: epoch)?.floor
    }

    func epoch(of room: RoomSpec) -> Epoch { core.epoch(of: room) }

    /// Where a room's log ends, or what passes through it; nil for the events of a room.
    func top(of room: RoomSpec) -> Position? { room.isEvents ? nil : core.top(of: room) }

    /// Who is in the room whose events these are, by their numbers: set at the end.
    var present: (RoomSpec) -> [UserID] = { _ in [] }

    // MARK: The end

    /// Judges the logs themselves: what had a receipt is there, and nothing is there twice.
    func judgeLogs() {
        for (name, appended) in receipts {
            guard let intent = intents[name], !isStored(intent, at: appended.position) else {
                continue
            }
            accuse("\(name) had a receipt at \(appended.position), and is gone")
        }
        for room in RoomSpec.all where room.isKept {
            for life in core.lives(of: room.stream) {
                var places: [ArraySlice<UInt8>: UInt64] = [:]
                for publication in life.log {
                    let earlier = places.updateValue(
                        publication.offset, forKey: Outgoing.name(in: publication.body))
                    guard let earlier else { continue }
                    accuse("stored twice in \(room.stream): \(earlier), \(publication.offset)")
                }
            }
        }
    }
}
