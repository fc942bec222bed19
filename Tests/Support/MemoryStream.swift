import Engine

/// One stream of an in-memory broker: its log, its idempotency keys and its listener.
struct MemoryStream {
    struct Key: Hashable {
        let sender: UserID
        /// UTF-8: keys are equal when their bytes are.
        let text: [UInt8]
    }

    struct Seen {
        let offset: UInt64
        let expiresAtMs: Int64
    }

    static let keyLifetimeMs: Int64 = 24 * 3_600_000

    private(set) var top: UInt64 = 0
    var listener: (any StreamListener)?
    /// The listener hears what is above.
    var attachedAt: UInt64 = 0
    /// What is kept, and a little more, oldest first, consecutive up to `top`.
    private var log: [Publication] = []
    private var seen: [Key: Seen] = [:]

    /// Gives the draft the next offset, or finds where its key was stored before.
    mutating func append(
        _ draft: Draft, keeping retention: Retention, nowMs: Int64
    ) -> (publication: Publication?, offset: UInt64) {
        let keepsAnything = retention.countMax > 0
        if keepsAnything, let text = draft.idempotencyKey {
            let key = Key(sender: draft.sender, text: Array(text.utf8))
            if let earlier = seen[key], earlier.expiresAtMs > nowMs { return (nil, earlier.offset) }
            seen[key] = Seen(offset: top + 1, expiresAtMs: nowMs + Self.keyLifetimeMs)
        }
        top += 1
        let publication = Publication(draft, offset: top)
        if keepsAnything {
            log.append(publication)
            if log.count / 2 >= retention.countMax {
                log.removeFirst(log.count - retention.countMax)
            }
        }
        return (publication, top)
    }

    /// Up to `limit` of what `retention` keeps with offsets above `offset`.
    func page(
        after offset: UInt64, limit: PageLimit, keeping retention: Retention, epoch: Epoch,
        nowMs: Int64
    ) -> StreamPage {
        var kept = log.suffix(max(retention.countMax, 0))
        if let ageMaxMs = retention.ageMaxMs {
            kept = kept.drop { $0.timestampMs < nowMs - ageMaxMs }
        }
        let floor = kept.first?.offset ?? top + 1
        var bytesLeft = limit.bytesMax
        var publications: [Publication] = []
        for publication in kept.drop(while: { $0.offset <= offset }).prefix(max(limit.countMax, 0))
        {
            guard publications.isEmpty || publication.body.count <= bytesLeft else { break }
            bytesLeft -= min(bytesLeft, publication.body.count)
            publications.append(publication)
        }
        return StreamPage(
            epoch: epoch, publications: publications, floor: floor, top: top)
    }
}
