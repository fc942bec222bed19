import Engine

/// One stream of an in-memory broker: its log, its idempotency keys, its members and its listener.
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
    private var membersByUser: [UserID: Member] = [:]

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

    /// By their numbers.
    var members: [Member] {
        membersByUser.values.sorted { $0.user.rawValue < $1.user.rawValue }
    }

    /// Makes the members those who are wanted, and returns what is to be announced of it.
    mutating func settle(_ wanted: [UserID: Member], nowMs: Int64) -> [Publication] {
        let gone = members.filter { wanted[$0.user] == nil }
        let new = wanted.values.filter { membersByUser[$0.user] == nil }
            .sorted { $0.user.rawValue < $1.user.rawValue }
        membersByUser = wanted
        let drafts =
            gone.map { PresenceChange.left.draft(of: $0, atMs: nowMs) }
            + new.map { PresenceChange.joined.draft(of: $0, atMs: nowMs) }
        return drafts.map { draft in
            top += 1
            return Publication(draft, offset: top)
        }
    }

    /// Where the stream stands.
    func summary(keeping retention: Retention, epoch: Epoch, nowMs: Int64) -> StreamTop {
        let page = page(
            after: top - min(top, 1), limit: PageLimit(countMax: 1), keeping: retention,
            epoch: epoch, nowMs: nowMs)
        return StreamTop(
            epoch: epoch, top: top, floor: page.floor, newest: page.publications.first)
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
