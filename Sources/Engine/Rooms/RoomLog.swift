/// Where a new subscription wants to begin.
public enum JoinStart: Sendable, Hashable {
    /// With the next message.
    case live
    /// After a position the client has.
    case after(Position)
    /// With up to this many messages from history.
    case last(Int)
}

/// What a room knows of its stream: how far it has delivered, and the newest publications.
///
/// A pure state machine: the room actor performs what it decides.
struct RoomLog: Sendable {
    private(set) var epoch: Epoch
    /// The offset every member on this node has been given.
    private(set) var delivered: UInt64
    /// The oldest offset that can be read back, as far as the room knows.
    private(set) var floor: UInt64
    /// The newest publications, ascending and consecutive, the last one with offset `delivered`.
    private(set) var recent: [Publication] = []
    /// Of their bodies.
    private var recentBytes = 0

    /// Bounds of what is kept in memory for members that return after a short time. Beyond either,
    /// the oldest half goes.
    private static let recentCountMax = 256
    private static let recentBytesMax = 256 * 1024

    init(_ page: StreamPage) {
        epoch = page.epoch
        delivered = page.top
        floor = page.floor
    }

    var position: Position { Position(epoch: epoch, offset: delivered) }

    enum Acceptance {
        /// New, in order, without a gap: deliver these (none where all were known already).
        case deliver([Publication])
        /// Something before these is missing: read from the log after `delivered`.
        case gap
        /// The stream began a new life: its offsets mean something else now.
        case newEpoch
    }

    /// Takes in publications as they are announced or read back. Repeated ones are dropped.
    mutating func accept(_ publications: [Publication], epoch: Epoch) -> Acceptance {
        guard epoch == self.epoch else { return .newEpoch }
        // Nearly always all of it is new: no copy is made then.
        let isNews = publications.first.map { $0.offset > delivered } ?? true
        let news = isNews ? publications : Array(publications.drop { $0.offset <= delivered })
        guard let first = news.first else { return .deliver([]) }
        guard first.offset == delivered + 1 else { return .gap }
        for publication in news {
            recent.append(publication)
            recentBytes += publication.body.count
        }
        delivered = news[news.endIndex - 1].offset
        if recent.count > Self.recentCountMax || recentBytes > Self.recentBytesMax {
            forgetOldestHalf()
        }
        return .deliver(news)
    }

    /// About what it keeps in memory, in bytes: bodies, and what else a publication takes.
    var heldBytes: Int { recentBytes + 160 * recent.count }

    /// Gives up what lies between: it can't be read back.
    mutating func skip(to offset: UInt64) {
        guard offset > delivered else { return }
        delivered = offset
        floor = offset + 1
        forgetRecent()
    }

    /// Keeps nothing in memory: whoever returns reads from the log of the stream.
    mutating func forgetRecent() {
        recent = []
        recentBytes = 0
    }

    enum Plan {
        /// Everything the subscription needs first is here: it may join now.
        case join(replay: ArraySlice<Publication>, Resume)
        /// Read the log after this offset, send that, and ask again from there.
        case read(after: UInt64, Resume)
        /// The client has seen what this room has not: more than it has delivered, or another life of
        /// the stream. Either the room is late, or the position is worth nothing: ask the log.
        case unknown
    }

    /// Decides how a subscription gets from its start to the live edge.
    func plan(from start: JoinStart) -> Plan {
        switch start {
        case .live:
            return .join(replay: [], .complete)
        case .after(let position):
            guard position.epoch == epoch, position.offset <= delivered else { return .unknown }
            let verdict: Resume = position.offset + 1 >= floor ? .complete : .gap
            return plan(after: max(position.offset, floor - 1), verdict)
        case .last(let count):
            let back = delivered > UInt64(count) ? delivered - UInt64(count) : 0
            return plan(after: max(back, floor - 1), .complete)
        }
    }

    /// Decides how a subscription that has everything up to `cursor` goes on.
    func plan(after cursor: UInt64, _ verdict: Resume) -> Plan {
        if cursor >= delivered { return .join(replay: [], verdict) }
        let kept = delivered - UInt64(recent.count)
        guard cursor >= kept else { return .read(after: cursor, verdict) }
        return .join(replay: recent[Int(cursor - kept)...], verdict)
    }

    /// Puts what was read of the log before what is kept in memory, as far as the bounds allow; nothing
    /// where the page doesn't end just before it.
    mutating func remember(_ page: StreamPage, rendering render: (Publication) -> Publication) {
        guard page.epoch == epoch else { return }
        let kept = delivered - UInt64(recent.count)
        let older = page.publications.prefix { $0.offset <= kept }
        guard older.last?.offset == kept else { return }
        var fitting: [Publication] = []
        for publication in older.reversed() {
            guard recent.count + fitting.count < Self.recentCountMax,
                recentBytes + publication.body.count <= Self.recentBytesMax
            else { break }
            let rendered = render(publication)
            recentBytes += rendered.body.count
            fitting.append(rendered)
        }
        recent.insert(contentsOf: fitting.reversed(), at: 0)
    }

    /// Learns from a page that was read that older history is gone.
    mutating func raise(floor newFloor: UInt64) {
        floor = max(floor, newFloor)
    }

    private mutating func forgetOldestHalf() {
        let count = (recent.count + 1) / 2
        recentBytes -= recent[..<count].reduce(0) { $0 + $1.body.count }
        recent.removeFirst(count)
    }
}
