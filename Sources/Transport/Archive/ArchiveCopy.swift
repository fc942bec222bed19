import Engine

/// Copies all of one archive into another, and makes sure of it.
///
/// A copy that was interrupted goes on where it was: the target has a note of how far it had come, and
/// items that are written again are the same. In the end both sides are read whole and compared.
struct ArchiveCopy {
    /// Leases and keys that end so soon after the comparison has begun are not part of it: they
    /// might be gone on one side before they are read there.
    private static let comparedAfterMs: Int64 = 10 * 60_000
    /// A scan of Redis may give an item twice while a table shrinks; then it is read once more.
    private static let comparisonsMax = 3

    let source: any Archive
    let target: any Archive
    /// Whether what the target has is to be replaced.
    let replaces: Bool
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
    /// The numbering that the source begins when it hands its own on.
    let newEpoch: @Sendable () -> Epoch
    let tell: @Sendable (CommunityCopy.Progress) -> Void

    func run() async throws(ArchiveFailure) -> CommunityCopy.Summary {
        let identity = source.identity
        var note: UnfinishedCopy
        let found = try await target.unfinishedCopy()
        if let found, found.source == identity {
            note = found
        } else if found == nil, try await target.isEmpty() {
            note = UnfinishedCopy(source: identity, step: .copying(from: nil))
        } else if replaces {
            note = UnfinishedCopy(source: identity, step: .clearing)
        } else if found != nil {
            throw ArchiveFailure(
                "the target holds an unfinished copy of other data, or of this data before it "
                    + "changed; --force begins anew")
        } else {
            throw ArchiveFailure("the target is not empty; --force replaces what is there")
        }
        let wasResumed = found == note
        try await target.write([], noting: note, nowMs: now())
        if note.step == .clearing {
            tell(.clearing)
            while try await !target.clear() { tell(.clearing) }
            note.step = .copying(from: nil)
        }
        var digest: ArchiveDigest?
        if case .copying = note.step {
            try await copy(&note)
            digest = try await compare()
            note.step = .handing(try await source.epoch())
            try await target.write([], noting: note, nowMs: now())
        }
        let keepsEpoch = try await handOn(note.step)
        try await target.write([], noting: nil, nowMs: now())
        return CommunityCopy.Summary(
            digest: digest?.description, keepsEpoch: keepsEpoch, wasResumed: wasResumed)
    }

    /// Gives the source's numbering of streams to the target. From then on it is the target's alone:
    /// were the source to go on with it, the same position would mean two things.
    private func handOn(_ step: UnfinishedCopy.Step) async throws(ArchiveFailure) -> Bool {
        guard case .handing(let epoch?) = step else {
            try await target.setEpoch(newEpoch())
            return false
        }
        try await target.setEpoch(epoch)
        if try await source.epoch() == epoch { try await source.setEpoch(newEpoch()) }
        return true
    }

    private func copy(_ note: inout UnfinishedCopy) async throws(ArchiveFailure) {
        guard case .copying(var cursor) = note.step else { return }
        let total = try await source.estimatedCount()
        var done = 0
        repeat {
            let batch = try await source.read(from: cursor, nowMs: now())
            // Once all is copied the note says "from the end", which is the last place again.
            if let next = batch.next { note.step = .copying(from: next) }
            try await target.write(batch.items, noting: note, nowMs: now())
            done += batch.items.count
            tell(.copying(done, of: max(total, done)))
            cursor = batch.next
        } while cursor != nil
    }

    private func compare() async throws(ArchiveFailure) -> ArchiveDigest {
        var difference = ""
        for _ in 0..<Self.comparisonsMax {
            let nowMs = now()
            let horizonMs = nowMs + Self.comparedAfterMs
            let theirs = try await digest(of: source, nowMs: nowMs, horizonMs: horizonMs)
            let ours = try await digest(of: target, nowMs: nowMs, horizonMs: horizonMs)
            if theirs == ours { return ours }
            difference = "\(theirs) in the source, \(ours) in the target"
        }
        throw ArchiveFailure(
            "the copy differs from the source: \(difference). Has somebody written meanwhile? "
                + "--force begins anew")
    }

    private func digest(
        of archive: any Archive, nowMs: Int64, horizonMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveDigest {
        var digest = ArchiveDigest()
        let total = try await archive.estimatedCount()
        var cursor: ArchiveCursor?
        repeat {
            let batch = try await archive.read(from: cursor, nowMs: nowMs)
            for item in batch.items where item.expiresAtMs.map({ $0 > horizonMs }) ?? true {
                digest.add(item)
            }
            tell(.comparing(digest.count, of: max(total, digest.count)))
            cursor = batch.next
        } while cursor != nil
        return digest
    }
}
