import Foundation
import Glibc

/// Where progress is shown: standard error, or what a test puts in its place.
struct Screen {
    /// Columns of the terminal; nil where lines go elsewhere, as into a file.
    let width: () -> Int?
    /// Writes text as it is.
    let write: (String) -> Void

    /// Standard error, whose width follows its window.
    static var standardError: Screen {
        let isTerminal = isatty(STDERR_FILENO) == 1
        return Screen(
            width: { isTerminal ? terminalWidth() : nil },
            write: { FileHandle.standardError.write(Data($0.utf8)) })
    }

    /// A window that says nothing of its width counts as 80 wide.
    private static func terminalWidth() -> Int {
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }
}
