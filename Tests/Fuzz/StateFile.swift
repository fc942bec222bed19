import Glibc

/// A file whose first line is the input under way: written before each run with one system call,
/// so that it survives a trap of the process.
struct StateFile {
    private let path: String
    private let descriptor: CInt

    init(path: String) throws(FuzzUsageError) {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FuzzUsageError(reason: "can't write \(path)") }
    }

    /// Replaces the first line. What an earlier, longer one left behind it stays.
    func write(_ testCase: FuzzCase) {
        var line = testCase.line
        line.append(UInt8(ascii: "\n"))
        // The pointer is valid for the closure, and `pwrite` doesn't keep it.
        let written = unsafe line.withUnsafeBytes { bytes in
            unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0)
        }
        precondition(written == line.count, "The state file can't be written.")
    }

    /// Deletes the file, once there is no input left to save.
    func remove() {
        precondition(unsafe unlink(path) == 0, "The state file can't be removed.")
    }
}
