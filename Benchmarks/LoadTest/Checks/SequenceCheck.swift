/// Watches numbers that should arrive consecutively, and says of each how it came.
///
/// Remembers the latest 64, which is enough to tell what came late from what came twice.
struct SequenceCheck: Hashable, Sendable {
    enum Verdict: Hashable, Sendable {
        /// One above the highest so far.
        case next
        /// Above it by more: so many are missing, for now.
        case skipped(Int64)
        /// One that was missing. Also one so far below the highest that it can't be told from a
        /// repeated one.
        case late
        case repeated
    }

    private(set) var highest: Int64
    /// Bit n: the number n below the highest has arrived.
    private var recent: UInt64

    /// Expects `number + 1` next, and takes everything up to `number` as seen.
    init(after number: Int64) {
        highest = number
        recent = .max
    }

    /// Takes the number that arrived.
    mutating func take(_ number: Int64) -> Verdict {
        let step = number - highest
        if step > 0 {
            // A shift by 64 or more leaves nothing, as it should.
            recent = recent << step | 1
            highest = number
            return step == 1 ? .next : .skipped(step - 1)
        }
        guard step > -64 else { return .late }
        let bit: UInt64 = 1 << UInt64(-step)
        guard recent & bit == 0 else { return .repeated }
        recent |= bit
        return .late
    }
}
