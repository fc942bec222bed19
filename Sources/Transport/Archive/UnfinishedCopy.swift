import Engine

/// What a target notes of a copy that is under way.
struct UnfinishedCopy: Hashable, Sendable {
    /// Where the data come from, `Archive.identity`.
    let source: String
    /// The source's numbering of streams as it was in the beginning, `Archive.epoch`.
    let sourceEpoch: Epoch?
    /// What is left to do.
    var step: Step

    enum Step: Hashable, Sendable {
        /// To remove what is there.
        case clearing
        /// To copy from a place on, once so many items are done; nil: from the start.
        case copying(from: ArchiveCursor?, done: Int)
        /// To begin anew: what was copied is not what the source has.
        case differing
        /// To hand the numbering of streams on, where there is one; the rest is there.
        case handing
    }

    init(source: String, sourceEpoch: Epoch?, step: Step) {
        self.source = source
        self.sourceEpoch = sourceEpoch
        self.step = step
    }

    /// As it is noted: the step, the numbering and the source, each in a line.
    var text: String {
        let line =
            switch step {
            case .clearing: "clearing"
            case .copying(nil, let done): "copying \(done)"
            case .copying(let cursor?, let done): "copying \(done) \(cursor.text)"
            case .differing: "differing"
            case .handing: "handing"
            }
        return "\(line)\n\(sourceEpoch.map(\.description) ?? "-")\n\(source)"
    }

    /// Reads what `text` wrote; nil for anything else.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3 else { return nil }
        let words = lines[0].split(separator: " ", maxSplits: 2)
        switch (words.first, words.dropFirst().first.map { Int($0) }) {
        case ("clearing", nil): step = .clearing
        case ("copying", let done??):
            let cursor = words.count == 3 ? ArchiveCursor(text: String(words[2])) : nil
            step = .copying(from: cursor, done: done)
        case ("differing", nil): step = .differing
        case ("handing", nil): step = .handing
        default: return nil
        }
        sourceEpoch = lines[1] == "-" ? nil : Epoch(hexadecimal: String(lines[1]))
        guard sourceEpoch != nil || lines[1] == "-" else { return nil }
        source = String(lines[2])
    }
}
