import Engine

/// A stream in the hub: all that was ever stored in one life of it. What retention lets go can no
/// longer be read, but stays here for the verdict.
struct HubStream {
    struct Key: Hashable {
        let sender: UserID
        let text: String
    }

    let name: StreamName
    private(set) var epoch: Epoch
    /// By offset, the first being 1.
    private(set) var log: [Publication] = []
    private(set) var keys: [Key: UInt64] = [:]
    /// The retention as it was asked for last; a stream has one.
    private(set) var retention = Retention.nothing

    init(name: StreamName, epoch: Epoch) {
        self.name = name
        self.epoch = epoch
    }

    var top: UInt64 { UInt64(log.count) }

    /// The oldest offset that can be read.
    var floor: UInt64 {
        let kept = min(log.count, retention.countMax)
        return UInt64(log.count - kept) + 1
    }

    var summary: StreamTop {
        let newest = top >= floor ? log.last : nil
        return StreamTop(epoch: epoch, top: top, floor: floor, newest: newest)
    }

    var topPosition: Position { Position(epoch: epoch, offset: top) }

    /// What stands at an offset, whether or not retention has let it go.
    func publication(at offset: UInt64) -> Publication? {
        offset >= 1 && offset <= top ? log[Int(offset) - 1] : nil
    }

    /// Where a draft with this key was stored.
    func offset(of key: Key) -> UInt64? { keys[key] }

    mutating func store(_ publication: Publication, key: Key?, keeping retention: Retention) {
        precondition(publication.offset == top + 1, "a log has no holes")
        log.append(publication)
        if let key { keys[key] = publication.offset }
        self.retention = retention
    }

    /// The same in another life, as far as it has come.
    func inEpoch(_ epoch: Epoch) -> HubStream {
        var stream = self
        stream.epoch = epoch
        return stream
    }

    /// Forgets the keys, as a hub does that keeps them in memory only.
    mutating func forgetKeys() {
        keys = [:]
    }

    /// Loses the newest publications, as a replica that lagged has.
    mutating func lose(newest count: Int) {
        log.removeLast(min(count, log.count))
        keys = keys.filter { $0.value <= top }
    }

    /// What can be read above an offset.
    func page(after offset: UInt64, atMost limit: PageLimit, keeping retention: Retention)
        -> StreamPage
    {
        var page: [Publication] = []
        var bytesLeft = limit.bytesMax
        var next = max(offset + 1, floor)
        while next <= top, page.count < limit.countMax {
            let publication = log[Int(next) - 1]
            guard page.isEmpty || publication.body.count <= bytesLeft else { break }
            bytesLeft -= min(bytesLeft, publication.body.count)
            page.append(publication)
            next += 1
        }
        return StreamPage(epoch: epoch, publications: page, floor: floor, top: top)
    }
}
