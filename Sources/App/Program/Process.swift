import Glibc

/// What the program asks of the operating system for itself.
enum ThisProcess {
    /// Lets as many descriptors be open as the administrator allows.
    static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Keeps SIGTERM and SIGINT for `nextEndSignal`, on this thread and every one that is started
    /// afterwards: call it first, on the main thread. A closed pipe is an error of the write, not
    /// the end of the process.
    static func holdEndSignals() {
        var signals = endSignals()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Waits for SIGTERM or SIGINT and returns its number. Blocks its thread.
    static func nextEndSignal() -> Int32 {
        var signals = endSignals()
        var received: Int32 = 0
        while unsafe sigwait(&signals, &received) != 0 {}
        return received
    }

    private static func endSignals() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        return signals
    }
}

/// The right to serve from a data directory, held by one process at a time.
///
/// The kernel gives it back when the process ends, however it ends.
struct ServeLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock or says who is in the way.
    init(directory: String) throws(Failure) {
        let path = directory + "/serve.lock"
        descriptor = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure("\(path): \(unsafe String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            _ = close(descriptor)
            throw Failure("\(directory) is served by another process")
        }
    }

    deinit {
        _ = close(descriptor)
    }
}
