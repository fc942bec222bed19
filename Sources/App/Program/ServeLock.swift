import Glibc
import Transport

/// The right to serve from a data directory or to copy it, held by one process at a time.
///
/// Taken before the store is opened. The kernel gives it back when the process ends, however it
/// ends.
struct ServeLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock or says who is in the way.
    init(directory: String) throws(Failure) {
        do {
            try DataDirectory.prepare(directory)
        } catch {
            throw Failure(error.description)
        }
        let path = directory + "/serve.lock"
        let opened = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw Failure(SystemError("open \(path)", code: errno).description)
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            _ = close(opened)
            throw Failure("\(directory) is in use by another process")
        }
        descriptor = opened
    }

    deinit {
        _ = close(descriptor)
    }
}
