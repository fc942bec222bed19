import Glibc

/// What a process has used so far, or several together.
public struct ProcessUsage: Sendable, Hashable {
    /// CPU time of all threads, in the kernel and outside of it; those that have ended included.
    public let cpuUs: Int64
    /// `VmRSS` of proc(5). Memory that processes share counts for each of them.
    public let residentBytes: Int64

    private init(cpuUs: Int64, residentBytes: Int64) {
        self.cpuUs = cpuUs
        self.residentBytes = residentBytes
    }

    /// One process, without its children. Nil where there is none.
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

    /// These processes and all that descend from them, also those that have ended and were waited
    /// for. Nil where one of `pids` is not there.
    public init?(ofTrees pids: [Int32]) {
        let all = ProcessTree.now
        var cpuUs: Int64 = 0
        var residentBytes: Int64 = 0
        for pid in all.descendants(of: pids) {
            guard let usage = ProcessUsage(of: pid) else {
                // A child may end at any moment.
                if pids.contains(pid) { return nil }
                continue
            }
            cpuUs += usage.cpuUs + all.endedChildrenCPUUs(of: pid)
            residentBytes += usage.residentBytes
        }
        self.init(cpuUs: cpuUs, residentBytes: residentBytes)
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
    static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
