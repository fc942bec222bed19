import Foundation

/// What the program says to whoever started it.
enum Console {
    /// Writes to standard output.
    static func say(_ text: String) {
        // When nobody listens any more, there is nobody to tell.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// Writes to standard error.
    static func complain(_ text: String) {
        // As above.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
