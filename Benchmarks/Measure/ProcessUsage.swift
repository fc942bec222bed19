import Glibc

/// What a process has used so far, as `/proc` tells it (proc(5)).
public struct ProcessUsage: Sendable, Hashable {
    /// CPU time of all its threads, in the kernel and outside of it. The kernel counts it in
    /// hundredths of a second: measure over seconds.
    public let cpuUs: Int64
    public let residentBytes: Int64

    /// Nil where there is no such process.
    public init?(of pid: Int32) {
        guard let stat = Self.read("/proc/\(pid)/stat"),
            let ticks = Self.cpuTicks(stat: stat),
            let status = Self.read("/proc/\(pid)/status"),
            let residentKiB = Self.residentKiB(status: status)
        else { return nil }
        cpuUs = ticks * 1_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        residentBytes = residentKiB * 1_024
    }

    /// The calling process.
    public static var own: ProcessUsage {
        guard let usage = ProcessUsage(of: getpid()) else {
            preconditionFailure("a process finds itself in /proc")
        }
        return usage
    }

    /// `utime` and `stime`. The name before them may hold anything, spaces and brackets included.
    static func cpuTicks(stat: String) -> Int64? {
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[nameEnd...].split(separator: " ")
        // The state is field 3 of the file and number 1 here.
        guard fields.count > 13, let user = Int64(fields[12]), let system = Int64(fields[13])
        else { return nil }
        return user + system
    }

    /// `VmRSS`, which the kernel gives in kB and means KiB by.
    static func residentKiB(status: String) -> Int64? {
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { $0.split { $0 == " " || $0 == "\t" }.dropFirst().first }
            .flatMap { Int64($0) }
    }

    /// The whole of a small file that says of no size beforehand.
    private static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
