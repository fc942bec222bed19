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

/// What a target notes of a copy that is under way.
struct UnfinishedCopy: Hashable, Sendable {
    /// Where the data come from, `Archive.identity`.
    var source: String
    /// What is left to do.
    var step: Step

    enum Step: Hashable, Sendable {
        /// To remove what is there.
        case clearing
        /// To copy from a place on; nil: from the start.
        case copying(from: ArchiveCursor?)
        /// To hand the numbering of streams on, where there is one; the rest is done.
        case handing(Epoch?)

        /// As it is noted.
        var text: String {
            switch self {
            case .clearing: "clearing"
            case .copying(nil): "copying"
            case .copying(let cursor?): "copying \(cursor.text)"
            case .handing(nil): "handing"
            case .handing(let epoch?): "handing \(epoch)"
            }
        }

        /// Reads what `text` wrote; nil for anything else.
        init?(_ text: String) {
            let words = text.split(separator: " ", maxSplits: 1).map(String.init)
            switch (words.first, words.dropFirst().first) {
            case ("clearing", nil): self = .clearing
            case ("copying", let place):
                self = .copying(from: place.map { ArchiveCursor(text: $0) })
            case ("handing", nil): self = .handing(nil)
            case ("handing", let place?):
                guard let number = UInt64(place, radix: 16) else { return nil }
                self = .handing(Epoch(rawValue: number))
            default: return nil
            }
        }
    }
}

/// All the data of a community in one kind of storage, for as long as nobody else uses it.
protocol Archive: Sendable {
    /// What tells this data from other data, without secrets.
    var identity: String { get }

    /// The numbering of its streams; nil where its parts have different ones.
    func epoch() async throws(ArchiveFailure) -> Epoch?

    /// Items from a place on, about as many as a megabyte holds. What has expired is left out.
    func read(
        from cursor: ArchiveCursor?, nowMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveBatch

    /// How many items there are, about.
    func estimatedCount() async throws(ArchiveFailure) -> Int

    /// Whether nothing is there.
    func isEmpty() async throws(ArchiveFailure) -> Bool

    /// The copy into this storage that was begun and not finished.
    func unfinishedCopy() async throws(ArchiveFailure) -> UnfinishedCopy?

    /// Writes items and the note together, durably; with `nil` the copy is finished.
    func write(
        _ items: [ArchiveItem], noting note: UnfinishedCopy?, nowMs: Int64
    ) async throws(ArchiveFailure)

    /// Removes some of what is there; true once nothing is left but the note.
    func clear() async throws(ArchiveFailure) -> Bool

    /// Makes the numbering of streams this one.
    func setEpoch(_ epoch: Epoch) async throws(ArchiveFailure)
}
