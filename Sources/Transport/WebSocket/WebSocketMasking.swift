/// The byte work on payloads that must not go byte by byte (RFC 6455 §5.3).
///
/// A seam to unsafe memory: each function stays within the bounds of the span it is given, and no
/// pointer leaves it.
package enum WebSocketMasking {
    /// Masks or unmasks `payload` from `start` on, 16 bytes at a time. `phase` is the place of its
    /// first byte within the frame's payload.
    package static func apply(
        _ key: UInt32, phase: Int = 0, to payload: inout [UInt8], from start: Int
    ) {
        let turn = UInt32(truncatingIfNeeded: phase & 3) &* 8
        let turned = key &<< turn | (turn == 0 ? 0 : key >> (32 - turn))
        let pattern = SIMD4<UInt32>(repeating: turned.bigEndian)

        var masked = payload.mutableSpan
        var bytes = MutableRawSpan(_elements: &masked)
        let count = bytes.byteCount
        var offset = start
        while offset &+ 16 <= count {
            let block = unsafe bytes.unsafeLoadUnaligned(
                fromByteOffset: offset, as: SIMD4<UInt32>.self)
            bytes.storeBytes(of: block ^ pattern, toByteOffset: offset, as: SIMD4<UInt32>.self)
            offset &+= 16
        }
        var rest = turned
        while offset < count {
            rest = rest << 8 | rest >> 24
            masked[offset] ^= UInt8(truncatingIfNeeded: rest)
            offset &+= 1
        }
    }
}

extension [UInt8] {
    /// Appends all of `bytes` by one copy.
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
