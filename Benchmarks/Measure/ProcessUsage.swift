import Glibc

/// What a process has used so far.
public struct ProcessUsage: Sendable, Hashable {
    /// CPU time of all its threads, in the kernel and outside of it; those that have ended included.
    public let cpuUs: Int64
    /// `VmRSS` of proc(5).
    public let residentBytes: Int64

    /// Nil where there is no such process.
    public init?(of pid: Int32) {
        // The process's own clock: /proc has the same number, but in hundredths of a second.
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0,
            let status = Self.read("/proc/\(pid)/status"),
            let residentKiB = Self.residentKiB(status: status)
        else { return nil }
        cpuUs = MonotonicClock.read(clock)
        residentBytes = residentKiB * 1_024
    }

    /// The calling process.
    public static var own: ProcessUsage {
        guard let usage = ProcessUsage(of: getpid()) else {
            preconditionFailure("a process finds itself in /proc")
        }
        return usage
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
