import Foundation

/// The file that says what was sent and what had a receipt, for whoever compares it with the history
/// after a crash. Every line is in the file before its method returns.
///
/// A message that leaves is `sent ROOM KEY`, each time it does; a receipt is
/// `ROOM KEY OFFSET EPOCH`.
struct Journal: ~Copyable {
    private let file: FileHandle

    /// Appends to the file, which is made where it is missing; nil where that can't be done.
    init?(path: String) {
        if !FileManager.default.fileExists(atPath: path) {
            guard FileManager.default.createFile(atPath: path, contents: nil) else { return nil }
        }
        guard let file = FileHandle(forWritingAtPath: path) else { return nil }
        file.seekToEndOfFile()
        self.file = file
    }

    /// Notes that a message is about to leave.
    func sent(room: String, key: String) {
        write("sent \(room) \(key)\n")
    }

    /// Notes a receipt; `position` is `epoch:offset` as it was received.
    func stored(room: String, key: String, position: String) {
        let parts = position.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return }
        write("\(room) \(key) \(parts[1]) \(parts[0])\n")
    }

    private func write(_ line: String) {
        file.write(Data(line.utf8))
    }
}
