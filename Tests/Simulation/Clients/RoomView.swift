import Engine

/// What a client has seen of a room, and how far its present subscription has come. Judges what it
/// is given: one order, nothing twice, nothing left out that the answer did not admit.
final class RoomView {
    enum State: Equatable {
        case idle
        /// Waits for the page with this number.
        case looking(Int)
        /// Has subscribed, and waits for the receipt.
        case joining
        case live
        /// Has unsubscribed, and waits for the receipt.
        case leaving
    }

    let room: RoomSpec
    var state = State.idle
    /// Whether the client wants to be in the room.
    var isWanted = false
    /// Everything up to here has been seen; nil: nothing, or nothing that could be gone on from.
    private(set) var position: Position?
    /// A position of some time ago, as a crash leaves it behind.
    private(set) var checkpoint: Position?
    /// Who is there, for the events of a room.
    let presence: PresenceView?
    private let judge: Judge
    private let owner: String

    // Of the subscription that is coming about.
    private var start = JoinStart.live
    private var firstReplayed: UInt64?
    /// The last offset that was left out.
    private var skippedLast: UInt64?

    init(_ room: RoomSpec, of owner: String, judge: Judge) {
        self.room = room
        self.owner = owner
        self.judge = judge
        presence =
            room.isEvents ? PresenceView(of: "\(owner) in \(room.stream)", judge: judge) : nil
    }

    var id: String { "s\(room.number)" }

    // MARK: What the client does

    /// Sets out to subscribe from where the client is, or from a start of its choice.
    func join(orFrom other: JoinStart) -> JoinStart {
        start = position.map { .after($0) } ?? other
        state = .joining
        firstReplayed = nil
        skippedLast = nil
        return start
    }

    /// Goes on from a page that was true for a position.
    func take(_ page: SnapshotPage) {
        state = .idle
        var next: UInt64?
        for publication in page.publications {
            if let next, next != publication.offset {
                accuse("a page jumps from \(next - 1) to \(publication.offset)")
            }
            judge.sees(publication, in: room, epoch: page.position.epoch, owner)
            next = publication.offset + 1
        }
        if let next, next != page.position.offset + 1 {
            accuse("a page ends at \(next - 1) and says \(page.position)")
        }
        position = page.position
    }

    /// The connection is gone.
    func disconnect() {
        state = .idle
    }

    /// Remembers the position for after a crash.
    func save() {
        checkpoint = position
    }

    /// Loses what was not saved.
    func crash() {
        position = checkpoint
        state = .idle
    }

    /// Forgets all of it, and starts as somebody new.
    func forget() {
        position = nil
        checkpoint = nil
    }

    // MARK: What the client is given

    func replay(_ publications: [Publication], _ wire: SubscriptionWire) {
        switch state {
        case .leaving: return
        case .joining: break
        case .idle, .live, .looking: accuse("a replay outside of a join")
        }
        for publication in publications {
            if firstReplayed == nil { firstReplayed = publication.offset }
            take(publication, epoch: wire.epoch)
        }
    }

    func message(_ publication: Publication, _ wire: SubscriptionWire) {
        switch state {
        case .leaving: return
        case .live: break
        case .idle, .joining, .looking:
            accuse("a live message at \(publication.offset) outside of a subscription")
        }
        take(publication, epoch: wire.epoch)
    }

    private func take(_ publication: Publication, epoch: Epoch) {
        let offset = publication.offset
        if let position {
            if epoch != position.epoch {
                accuse("\(epoch):\(offset) after \(position), without a reset")
            } else if offset <= position.offset {
                accuse("\(offset) after \(position.offset)")
            } else if offset > position.offset + 1 {
                skip(to: offset - 1)
            }
        } else if case .live = start, state == .joining {
            accuse("a replay for who asked for none")
        }
        position = Position(epoch: epoch, offset: offset)
        if state == .live { presence?.hear(publication) }
    }

    /// Something was left out up to an offset.
    private func skip(to last: UInt64) {
        guard let position else { return }
        if state == .live, let presence {
            presence.forget()
        } else if state == .live {
            accuse("live messages jump from \(position.offset) to \(last + 1)")
        } else if let floor = judge.floor(of: room, in: position.epoch), floor <= last {
            accuse("left out \(position.offset + 1)...\(last) though \(floor) is still there")
        }
        skippedLast = last
    }

    func subscribed(at joined: Position, _ verdict: Resume) {
        guard state == .joining else { return accuse("a subscription that nobody waits for") }
        judge.counts.count(FaultCounts.Kind(verdict))
        switch verdict {
        case .complete:
            judgeComplete(joined)
        case .gap:
            if let position, position.epoch == joined.epoch, position.offset < joined.offset {
                skip(to: joined.offset)
            }
            judgeGap(joined)
        case .reset:
            judgeReset(joined)
        }
        position = joined
        state = .live
        presence?.forget()
    }

    private func judgeComplete(_ joined: Position) {
        if let skippedLast { accuse("complete, but \(skippedLast) was left out") }
        if let position, position != joined {
            accuse("complete at \(joined), but what was given ends at \(position)")
        }
        guard case .last(let count) = start, room.isKept else { return }
        guard let floor = judge.floor(of: room, in: joined.epoch) else { return }
        let wanted = max(
            floor, joined.offset - min(joined.offset, UInt64(count)) + 1)
        if count > 0, (firstReplayed ?? joined.offset + 1) > wanted {
            accuse("the last \(count) up to \(joined) begin at \(firstReplayed ?? 0)")
        }
    }

    /// Something was left out, or is gone that comes next.
    private func judgeGap(_ joined: Position) {
        guard skippedLast == nil, let floor = judge.floor(of: room, in: joined.epoch),
            floor <= joined.offset + 1
        else { return }
        accuse("a gap from \(start) to \(joined) with nothing missing")
    }

    private func judgeReset(_ joined: Position) {
        guard let position else {
            // Nothing of what was asked for was left when its life ended.
            if case .last = start { return }
            return accuse("a reset of \(start) to \(joined)")
        }
        if judge.epoch(of: room) == position.epoch {
            accuse("a reset to \(joined) though the epoch of \(position) is the present one")
        }
    }

    /// What must be true once everything has come to rest.
    func judgeRest() {
        guard isWanted else { return }
        guard state == .live else { return accuse("never got into the room: \(state)") }
        presence.map(judgePresence)
        guard let top = judge.top(of: room), let position else { return }
        if position != top { accuse("stops at \(position), the log ends at \(top)") }
    }

    private func judgePresence(_ presence: PresenceView) {
        let truth = judge.present(room)
        guard case .known(let users, _) = presence.knowledge, users == truth else {
            return accuse("makes out \(presence.knowledge), there are \(truth)")
        }
    }

    private func accuse(_ what: String) {
        judge.accuse("\(owner) in \(room.stream): \(what)")
    }
}

extension FaultCounts.Kind {
    fileprivate init(_ verdict: Resume) {
        switch verdict {
        case .complete: self = .complete
        case .gap: self = .gap
        case .reset: self = .reset
        }
    }
}
