import Engine
import Foundation
import Glibc

/// What the program asks of the operating system for itself.
enum ThisProcess {
    /// What the machine calls itself.
    static var hostName: String {
        // Linux has no longer ones (HOST_NAME_MAX).
        var bytes = [CChar](repeating: 0, count: 65)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "unnamed" }
        return String(
            decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The number that the system knows the process by.
    static var id: Int32 { getpid() }

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
    /// afterwards: call it first, on the main thread. A closed pipe and a file that may not grow are
    /// errors of the write, not the end of the process.
    static func holdEndSignals() {
        var signals = endSignals()
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// What this process makes, nobody else reads: the store holds password hashes.
    static func keepFilesPrivate() {
        umask(0o077)
    }

    /// The signal of somebody at the keyboard, who does not want to wait.
    static let interrupt = SIGINT

    /// Waits for SIGTERM or SIGINT and returns its number. Blocks its thread.
    static func nextEndSignal() -> Int32 {
        var signals = endSignals()
        var received: Int32 = 0
        while unsafe sigwait(&signals, &received) != 0 {}
        return received
    }

    /// Ends the process once so much time has passed, whatever hangs in it by then, unless it ends
    /// before. A thread of its own sees to it: tasks could be what hangs.
    static func end(within limit: Duration, saying lastWords: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: Double(limit.wholeMilliseconds) / 1_000)
            lastWords()
            _exit(0)
        }
    }

    /// Runs what waits for others on a thread of its own.
    static func onThread(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread {
                work()
                continuation.resume()
            }.start()
        }
    }

    private static func endSignals() -> sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        return signals
    }
}
