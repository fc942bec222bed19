import Foundation

/// Where programs tell people what happens, so that standard output has the results alone.
public enum StandardError {
    /// Writes one line.
    public static func write(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
