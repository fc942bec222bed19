/// The seam for raw memory of the STOMP codec: searches by machine words and copies of spans.
///
/// Guard: every address comes from a span of known bounds. `unsafeLoadUnaligned` checks its offset
/// against them, any eight bytes are a valid `UInt64`, and pointers never leave the closures.
enum STOMPBytes {
    /// What a search came across on its way: never too little, but perhaps more than there is, since
    /// it looks at whole words.
    struct Traits: Sendable {
        /// The high bit of each byte: not ASCII. The low bit: a backslash or a control character.
        fileprivate var bits: UInt64 = 0

        var mayHoldNonASCII: Bool { bits & highBits != 0 }
        var mayHoldSpecials: Bool { bits & lowBits != 0 }

        /// Forgets the backslashes and control characters.
        mutating func startLine() {
            bits &= highBits
        }
    }

    /// Index of the first LF or NUL at or after `start`; nil where there is neither.
    @inline(__always)
    static func lineEnd(in bytes: Span<UInt8>, from start: Int, _ traits: inout Traits) -> Int? {
        let raw = unsafe bytes.bytes
        let count = bytes.count
        var bits = traits.bits
        defer { traits.bits = bits }
        var index = start
        while index &+ 8 <= count {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                .littleEndian
            bits |= word & highBits | matches(word, UInt8(ascii: "\\")) &>> 7
            let controls = controls(word)
            if controls == 0 {
                index &+= 8
                continue
            }
            index &+= controls.trailingZeroBitCount &>> 3
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") || byte == 0 { return index }
            bits |= 1
            index &+= 1
        }
        while index < count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\n") || byte == 0 { return index }
            bits |= UInt64(byte) & highBits
            if byte < 0x20 || byte == UInt8(ascii: "\\") { bits |= 1 }
            index &+= 1
        }
        return nil
    }

    /// Whether there is a colon, a backslash or a control character: what some version has to write
    /// in another way, or may have to.
    static func holdsSpecials(_ bytes: Span<UInt8>) -> Bool {
        let count = bytes.count
        guard count >= 8 else {
            var index = 0
            while index < count {
                let byte = bytes[index]
                if byte < 0x20 || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "\\") {
                    return true
                }
                index &+= 1
            }
            return false
        }
        let raw = unsafe bytes.bytes
        var index = 0
        while true {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let found =
                controls(word) | matches(word, UInt8(ascii: ":"))
                | matches(word, UInt8(ascii: "\\"))
            guard found == 0 else { return true }
            guard index < count &- 8 else { return false }
            // The last word overlaps the one before where the count is no multiple of eight.
            index = min(index &+ 8, count &- 8)
        }
    }

    /// Index of the first `byte` in `range`; nil where there is none.
    static func firstIndex(
        of byte: UInt8, in bytes: Span<UInt8>, range: Range<Int>
    ) -> Int? {
        let raw = unsafe bytes.bytes
        var index = range.lowerBound
        while index &+ 8 <= range.upperBound {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                .littleEndian
            let found = matches(word, byte)
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < range.upperBound {
            if bytes[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// Whether both hold the same bytes.
    static func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        guard count >= 8 else {
            var index = 0
            while index < count, left[index] == right[index] { index &+= 1 }
            return index == count
        }
        let leftRaw = unsafe left.bytes
        let rightRaw = unsafe right.bytes
        var index = 0
        while true {
            let leftWord = unsafe leftRaw.unsafeLoadUnaligned(
                fromByteOffset: index, as: UInt64.self)
            let rightWord = unsafe rightRaw.unsafeLoadUnaligned(
                fromByteOffset: index, as: UInt64.self)
            guard leftWord == rightWord else { return false }
            guard index < count &- 8 else { return true }
            // The last word overlaps the one before where the count is no multiple of eight.
            index = min(index &+ 8, count &- 8)
        }
    }

    /// Whether a span holds exactly this text of the program's own.
    @inline(__always)
    static func equal(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        let wanted = unsafe UnsafeBufferPointer(
            start: text.utf8Start, count: text.utf8CodeUnitCount)
        return unsafe equal(bytes, wanted.span)
    }

    /// A number that depends on every byte, for choosing a place: it resists accidents, not
    /// attackers.
    static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        let count = bytes.count
        let raw = unsafe bytes.bytes
        var hash = UInt64(count) &+ 1
        var index = 0
        while index &+ 8 <= count {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = mixed(hash ^ word)
            index &+= 8
        }
        while index < count {
            hash = hash &<< 8 ^ hash &>> 56 ^ UInt64(bytes[index])
            index &+= 1
        }
        return mixed(hash)
    }

    private static func mixed(_ number: UInt64) -> UInt64 {
        let product = number.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }

    /// The text of these bytes, which are UTF-8.
    static func text(_ bytes: Span<UInt8>) -> String {
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// An array of exactly these bytes.
    static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        unsafe bytes.withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }

    /// Adds these bytes to the end of an array.
    static func append(_ bytes: Span<UInt8>, to array: inout [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe array.append(contentsOf: $0) }
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    private static let lowBits: UInt64 = 0x0101_0101_0101_0101

    /// A word whose lowest set bit lies in the first byte of `word` that equals `byte`; 0 where
    /// none does. Bits above the lowest may be wrong.
    @inline(__always)
    private static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (lowBits &* UInt64(byte))
        return (difference &- lowBits) & ~difference & highBits
    }

    /// As `matches`, for the first byte below 0x20.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 {
        (word &- lowBits &* 0x20) & ~word & highBits
    }
}
