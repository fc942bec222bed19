import Glibc

/// The clock that schedules and latencies are counted on. Processes of one machine agree on it.
public enum MonotonicClock {
    /// Microseconds since some moment in the past; never goes back.
    public static func nowUs() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Microseconds of CPU that the calling thread has used, in the kernel and outside of it.
    public static func threadCPUUs() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    /// Sleeps until the clock shows `us`; returns at once where it already does.
    static func sleep(untilUs us: Int64) {
        var time = timespec(tv_sec: Int(us / 1_000_000), tv_nsec: Int(us % 1_000_000) * 1_000)
        // Interrupted by a signal: sleep on, since the time is absolute.
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    }

    /// Any clock of the kernel's, in microseconds.
    static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
