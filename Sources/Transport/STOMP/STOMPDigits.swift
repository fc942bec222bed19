/// Numbers as text, built from the last digit to the first without heap memory.
struct STOMPDigits {
    /// The text, from `start` to the end. There is room for the longest position: 16 hexadecimal
    /// digits, an escaped colon, 20 decimal ones.
    private(set) var bytes = InlineArray<38, UInt8>(repeating: 0)
    private(set) var start = 38

    /// Puts a byte before the others.
    mutating func prepend(_ byte: UInt8) {
        start &-= 1
        bytes[start] = byte
    }

    /// Puts a number before the others, without leading zeros, letters in lower case.
    @inline(__always)
    mutating func prepend(_ number: UInt64, radix: UInt64) {
        var rest = number
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % radix)
            rest /= radix
            prepend(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &- 10 &+ digit)
        } while rest > 0
    }
}
