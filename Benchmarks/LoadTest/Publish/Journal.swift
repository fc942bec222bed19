import Glibc
import Transport

/// The file that says what was sent and what had a receipt, for whoever compares it with the history
/// after a crash. A line is in the file before its method returns.
///
/// A message that leaves is `sent ROOM KEY`, each time it does; a receipt is
/// `ROOM KEY OFFSET EPOCH`.
final class Journal {
    /// Why a line is missing; nothing more is written then.
    private(set) var failure: SystemError?
    private let descriptor: Int32

    /// Appends to the file, which is made where it is missing.
    init(path: String) throws(SystemError) {
        descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Notes that a message is about to leave.
    func sent(room: String, key: String) {
        append("sent \(room) \(key)\n")
    }

    /// Notes a receipt; `position` is `epoch:offset` as it was received.
    func stored(room: String, key: String, position: String) {
        let parts = position.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return }
        append("\(room) \(key) \(parts[1]) \(parts[0])\n")
    }

    private func append(_ line: String) {
        guard failure == nil else { return }
        let bytes = Array(line.utf8)
        // A regular file takes a line whole, or is full.
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else {
            failure = SystemError("write the journal", code: errno)
            return
        }
    }
}
