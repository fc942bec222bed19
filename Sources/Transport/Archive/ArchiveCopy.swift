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
        try await check()
        let found = try await target.unfinishedCopy()
        var note = try await next(after: found)
        let wasResumed = found == note
        try await target.write([], noting: note, nowMs: now())
        if note.step == .clearing {
            repeat { tell(CommunityCopy.Progress(.clearing)) } while try await !target.clear()
            note.step = .copying(from: nil, done: 0)
        }
        try await copy(&note)
        // Also where an earlier run has done that: somebody may have served from the source since.
        let digest = try await compare(&note)
        note.step = .handing
        try await target.write([], noting: note, nowMs: now())
        // From here on the numbering is the target's alone: were the source to go on with it, the
        // same position would mean two things.
        if let epoch = note.sourceEpoch, try await source.epoch() == epoch {
            try await source.setEpoch(newEpoch())
        }
        try await target.finish(numberedBy: note.sourceEpoch ?? newEpoch())
        return CommunityCopy.Summary(
            tally: digest.tally, checksum: digest.checksum, keepsEpoch: note.sourceEpoch != nil,
            wasResumed: wasResumed)
    }

    /// Refuses what can't be copied, before anything is changed.
    private func check() async throws(ArchiveFailure) {
        for archive in [source, target] where try await archive.isServed() {
            throw ArchiveFailure(
                "\(archive.identity) is served by a node, or was within the last seconds; stop its "
                    + "nodes first")
        }
        if try await source.unfinishedCopy() != nil {
            throw ArchiveFailure(
                "\(source.identity) holds a copy that is not finished; finish it first")
        }
        if try await source.isEmpty() {
            throw ArchiveFailure("there is nothing to copy in \(source.identity)")
        }
    }

    /// What is to be done now, after what an earlier run has noted.
    private func next(
        after found: UnfinishedCopy?
    ) async throws(ArchiveFailure) -> UnfinishedCopy {
        let epoch = try await source.epoch()
        func begin(_ step: UnfinishedCopy.Step) -> UnfinishedCopy {
            UnfinishedCopy(source: source.identity, sourceEpoch: epoch, step: step)
        }
        guard let found else {
            if try await target.isEmpty() { return begin(.copying(from: nil, done: 0)) }
            guard replaces else {
                throw ArchiveFailure(
                    "\(target.identity) is not empty; --force replaces what is there")
            }
            return begin(.clearing)
        }
        let obstacle: String
        if found.source != source.identity {
            obstacle = "an unfinished copy of \(found.source)"
        } else if found.step == .differing {
            obstacle = "a copy that differs from its source"
        } else if found.step != .handing, found.sourceEpoch != epoch {
            obstacle = "an unfinished copy of what was in \(found.source) before"
        } else {
            return found
        }
        guard replaces else {
            throw ArchiveFailure("\(target.identity) holds \(obstacle); --force begins anew")
        }
        return begin(.clearing)
    }

    private func copy(_ note: inout UnfinishedCopy) async throws(ArchiveFailure) {
        guard case .copying(var cursor, var done) = note.step else { return }
        let total = try await source.count()
        var tally = CommunityTally()
        repeat {
            let batch = try await source.read(from: cursor, nowMs: now())
            done += batch.items.count
            // Once all is copied the note says "from the end", which is the last place again.
            if let next = batch.next { note.step = .copying(from: next, done: done) }
            try await target.write(batch.items, noting: note, nowMs: now())
            for item in batch.items { tally.add(item) }
            tell(CommunityCopy.Progress(.copying, tally, done: done, of: max(total, done)))
            cursor = batch.next
        } while cursor != nil
    }

    private func compare(
        _ note: inout UnfinishedCopy
    ) async throws(ArchiveFailure) -> ArchiveDigest {
        let total = try await source.count() + target.count()
        var difference = ""
        for _ in 0..<Self.comparisonsMax {
            let nowMs = now()
            let horizonMs = nowMs + Self.comparedAfterMs
            func digest(
                of archive: any Archive, after done: Int
            ) async throws(ArchiveFailure) -> ArchiveDigest {
                var digest = ArchiveDigest()
                var cursor: ArchiveCursor?
                repeat {
                    let batch = try await archive.read(from: cursor, nowMs: nowMs)
                    for item in batch.items where item.expiresAtMs.map({ $0 > horizonMs }) ?? true {
                        digest.add(item)
                    }
                    let sum = done + digest.tally.count
                    tell(
                        CommunityCopy.Progress(
                            .comparing, digest.tally, done: sum, of: max(total, sum)))
                    cursor = batch.next
                } while cursor != nil
                return digest
            }
            let theirs = try await digest(of: source, after: 0)
            let ours = try await digest(of: target, after: theirs.tally.count)
            if theirs == ours { return ours }
            difference = "\(theirs) in the source, \(ours) in the target"
        }
        note.step = .differing
        try await target.write([], noting: note, nowMs: now())
        throw ArchiveFailure(
            "the copy differs from the source: \(difference). Has somebody written meanwhile? "
                + "--force begins anew")
    }
}
