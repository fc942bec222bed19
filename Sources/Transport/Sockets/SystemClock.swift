import Glibc

/// The machine's clocks.
public enum SystemClock {
    /// Milliseconds since some moment in the past; never goes back.
    public static func monotonicMs() -> Int64 { milliseconds(CLOCK_MONOTONIC) }

    /// Milliseconds since 1970; follows what the operator and NTP do to it.
    public static func wallMs() -> Int64 { milliseconds(CLOCK_REALTIME) }

    private static func milliseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
