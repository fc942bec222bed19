import Transport

/// Shows how a copy comes on: on a terminal one line that is drawn anew in place, elsewhere a line
/// each few seconds.
package struct CopyProgress: Sendable {
    private typealias Step = CommunityCopy.Progress.Step

    /// Columns of the terminal; nil where lines go elsewhere.
    private let columns: Int?
    private var step: Step?
    private var stepBeganMs: Int64
    private var nextMs: Int64
    /// Whether a line is there that the cursor is still in.
    private var isDrawn = false

    private static let redrawMs: Int64 = 100
    private static let lineMs: Int64 = 3_000
    /// A rate over less time than this says nothing.
    private static let rateAfterMs: Int64 = 500

    /// Shows nothing yet. Times are of one clock, whichever.
    package init(columns: Int?, nowMs: Int64) {
        self.columns = columns
        stepBeganMs = nowMs
        nextMs = nowMs + (columns == nil ? Self.lineMs : Self.redrawMs)
    }

    /// What to write now; nil where it is not yet time to. Call it as often as you like.
    package mutating func text(
        of progress: CommunityCopy.Progress, atMs nowMs: Int64
    ) -> String? {
        if step != progress.step {
            step = progress.step
            stepBeganMs = nowMs
        }
        guard nowMs >= nextMs else { return nil }
        nextMs = nowMs + (columns == nil ? Self.lineMs : Self.redrawMs)
        let parts = parts(of: progress, afterMs: nowMs - stepBeganMs)
        guard let columns else { return parts.joined(separator: "  ") + "\n" }
        isDrawn = true
        // A full last column would wrap in some terminals.
        return "\r" + Self.line(parts, progress, columns: columns - 1) + "\u{1b}[K"
    }

    /// What to write before anything else is said: the last state of the bar stays.
    package mutating func end() -> String {
        defer { isDrawn = false }
        return isDrawn ? "\n" : ""
    }

    /// The most important first: a narrow terminal shows no more than it has room for.
    private func parts(
        of progress: CommunityCopy.Progress, afterMs elapsedMs: Int64
    ) -> [String] {
        let (tally, left) = (progress.tally, progress.total - progress.done)
        let verb =
            switch progress.step {
            case .clearing: "clearing"
            case .copying: "copying"
            case .comparing: "comparing"
            }
        guard progress.total > 0 else { return [verb] }
        var parts = ["\(verb) \(progress.done) of \(progress.total)"]
        if elapsedMs >= Self.rateAfterMs, tally.count > 0 {
            // What one side has read while the other was compared counts, too.
            let count = progress.step == .comparing ? progress.done : tally.count
            let perSecond = max(1, Int64(count) * 1_000 / elapsedMs)
            parts.append("\(perSecond)/s")
            parts.append("\((Int64(left) + perSecond - 1) / perSecond) s left")
        }
        parts += ["records \(tally.records)", "streams \(tally.streams)"]
        return parts + ["messages \(tally.publications)"]
    }

    private static func line(
        _ parts: [String], _ progress: CommunityCopy.Progress, columns: Int
    ) -> String {
        var line = ""
        if progress.total > 0, columns >= 40 {
            let width = columns / 4
            let filled = width * min(progress.done, progress.total) / progress.total
            line =
                "[" + String(repeating: "#", count: filled)
                + String(repeating: "-", count: width - filled) + "]"
        }
        for part in parts {
            let longer = line.isEmpty ? part : line + "  " + part
            guard longer.count <= columns else { break }
            line = longer
        }
        return line
    }
}
