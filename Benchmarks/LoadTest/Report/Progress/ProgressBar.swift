/// Shows that something happens: on a terminal one line that is drawn anew in place, elsewhere a
/// line each second.
///
/// Leaves the terminal as a line's end does, however the run ends: at `finish`, or when the bar is
/// released. The cursor is never hidden, so that not even a kill leaves anything behind.
final class ProgressBar {
    private let startUs: Int64
    private let screen: Screen
    private var nextUs: Int64
    /// Whether a line is there that the cursor is still in.
    private var isDrawn = false

    private static let redrawUs: Int64 = 100_000
    private static let lineUs: Int64 = 1_000_000

    /// Shows nothing yet.
    init(startUs: Int64, on screen: Screen = .standardError) {
        self.startUs = startUs
        self.screen = screen
        nextUs = startUs + (screen.width() == nil ? Self.lineUs : Self.redrawUs)
    }

    deinit { finish() }

    /// Shows how the run stands where it is time to; call it as often as you like.
    func report(atUs nowUs: Int64, _ standing: () -> Standing) {
        guard nowUs >= nextUs else { return }
        let width = screen.width()
        let intervalUs = width == nil ? Self.lineUs : Self.redrawUs
        nextUs += ((nowUs - nextUs) / intervalUs + 1) * intervalUs
        let standing = standing()
        guard let width else {
            return screen.write(([standing.extent] + standing.facts).joined(separator: "  ") + "\n")
        }
        // A full last column would wrap in some terminals.
        screen.write("\r" + standing.line(width: max(1, width - 1)) + "\u{1b}[K")
        isDrawn = true
    }

    /// Says something that stays, above the bar.
    func say(_ line: String) {
        screen.write((isDrawn ? "\r\u{1b}[K" : "") + line + "\n")
        isDrawn = false
    }

    /// Ends the line; the last state of the bar stays.
    func finish() {
        if isDrawn { screen.write("\n") }
        isDrawn = false
    }
}
