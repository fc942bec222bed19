import Engine

/// Why data could not be copied, for the operator.
public struct ArchiveFailure: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Some items, and where to go on once they are written.
struct ArchiveBatch: Sendable {
    let items: [ArchiveItem]
    /// What `read` takes to go on after these; nil: this was the end.
    let next: ArchiveCursor?
}

/// A place in the order in which an archive gives its items, as text for the note of an unfinished
/// copy. It means something to the archive that gave it; where that no longer knows it, it begins at
/// its first item.
struct ArchiveCursor: Hashable, Sendable {
    let text: String
}

/// All the data of a community in one kind of storage, for as long as nobody else uses it.
protocol Archive: Sendable {
    /// Where the data are, without secrets.
    var identity: String { get }

    /// Whether nodes serve from the data, or did a moment ago.
    func isServed() async throws(ArchiveFailure) -> Bool

    /// The numbering of its streams; nil where its parts have different ones.
    func epoch() async throws(ArchiveFailure) -> Epoch?

    /// Items from a place on, about as many as a megabyte holds. What has expired is left out.
    func read(
        from cursor: ArchiveCursor?, nowMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveBatch

    /// How many items there are, those that have expired included.
    func count() async throws(ArchiveFailure) -> Int

    /// Whether nothing is there.
    func isEmpty() async throws(ArchiveFailure) -> Bool

    /// The copy into this storage that was begun and not finished.
    func unfinishedCopy() async throws(ArchiveFailure) -> UnfinishedCopy?

    /// Writes items and the note together, durably.
    func write(
        _ items: [ArchiveItem], noting note: UnfinishedCopy, nowMs: Int64
    ) async throws(ArchiveFailure)

    /// Makes the numbering of streams this one and removes the note: the copy is finished. The last
    /// that is done to a target.
    func finish(numberedBy epoch: Epoch) async throws(ArchiveFailure)

    /// Removes some of what is there; true once nothing is left but the note.
    func clear() async throws(ArchiveFailure) -> Bool

    /// Makes the numbering of streams this one. The last that is done to a source.
    func setEpoch(_ epoch: Epoch) async throws(ArchiveFailure)
}
