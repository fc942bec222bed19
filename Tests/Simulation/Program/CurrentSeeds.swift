import Glibc

/// The seeds under way, for the case that one of them traps: a broken invariant of the engine ends
/// the process, and which seed it was must not be lost.
enum CurrentSeeds {
    /// One place for each job. Each job writes to its own; the signal handler reads all of them, and
    /// may do next to nothing else.
    nonisolated(unsafe) private static let places: UnsafeMutableBufferPointer<UInt64> = {
        let places = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: 64)
        unsafe places.initialize(repeating: .max)
        return unsafe places
    }()

    /// Names the seeds when the process traps.
    static func watch() {
        unsafe places[0] = .max
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT] {
            signal(number) { number in
                CurrentSeeds.tell()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    static func set(_ seed: UInt64, job: Int) {
        unsafe places[job % 64] = seed
    }

    static func clear(job: Int) {
        unsafe places[job % 64] = .max
    }

    private static func tell() {
        for index in unsafe places.indices {
            let seed = unsafe places[index]
            guard seed != .max else { continue }
            write("a trap while this seed ran: ")
            var divisor: UInt64 = 1
            while seed / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                var digit = UInt8(48 + seed / divisor % 10)
                _ = unsafe Glibc.write(STDERR_FILENO, &digit, 1)
                divisor /= 10
            }
            write("\n")
        }
    }

    private static func write(_ text: StaticString) {
        _ = unsafe Glibc.write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
    }
}
