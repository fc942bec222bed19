import Glibc
import Transport

/// How many files and sockets this process may have open (getrlimit(2), RLIMIT_NOFILE).
public enum DescriptorLimit {
    /// What a program needs beside its connections: standard streams, event loops, files.
    private static let besides: UInt = 64

    /// Raises the limit so that there is room for so many connections, as far as the system lets it;
    /// says in one sentence where that is not far enough.
    public static func raise(toConnections count: Int) throws(SystemError) {
        let wanted = UInt(count) + besides
        var limit = rlimit()
        guard unsafe getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError("read the limit of open files", code: errno)
        }
        guard limit.rlim_cur < wanted else { return }
        let hard = limit.rlim_max
        limit.rlim_cur = min(wanted, hard)
        // Only the administrator may go beyond the hard limit.
        if wanted > hard {
            var raised = rlimit(rlim_cur: wanted, rlim_max: wanted)
            if unsafe setrlimit(Int32(RLIMIT_NOFILE.rawValue), &raised) == 0 { return }
        }
        guard unsafe setrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit) == 0, wanted <= hard else {
            throw SystemError(
                "open \(count) connections: that takes \(wanted) descriptors, and the hard limit "
                    + "(ulimit -Hn) is \(hard)", code: EMFILE)
        }
    }
}
