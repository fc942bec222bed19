// Searching and copying what was read, some bytes at a time: each delivery passes here, and a loop
// over single bytes is five times as slow. All loads are within the span, by the conditions of the
// loops around them.

extension Span<UInt8> {
    /// The index of the first `byte` at or after `start`; nil where there is none.
    func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        let raw = unsafe bytes
        var index = start
        while index &+ 8 <= count {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
                .littleEndian
            let difference = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
            // The lowest set bit lies in the first byte that is `byte`; those above may be wrong.
            let found =
                (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            if self[index] == byte { return index }
            index &+= 1
        }
        return nil
    }

    /// Whether `text` stands at `start`.
    func holds(_ text: StaticString, at start: Int = 0) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start &+ length <= count else { return false }
        for offset in 0..<length {
            guard unsafe text.utf8Start[offset] == self[start &+ offset] else { return false }
        }
        return true
    }

    /// The decimal number that ends the text; nil where it does not end with one of at most 18
    /// digits.
    var trailingNumber: Int64? {
        var value: Int64 = 0
        var scale: Int64 = 1
        var index = count
        while index > 0, self[index &- 1] &- UInt8(ascii: "0") <= 9 {
            guard count &- index < 18 else { return nil }
            index &-= 1
            value &+= Int64(self[index] &- UInt8(ascii: "0")) &* scale
            scale &*= 10
        }
        return index == count ? nil : value
    }

    /// The text, with U+FFFD for what is no UTF-8.
    var text: String {
        unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension [UInt8] {
    /// Appends all of `bytes` by one copy.
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
