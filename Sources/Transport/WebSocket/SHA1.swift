/// The hash of FIPS 180-4 that the opening handshake of a WebSocket is made with (RFC 6455
/// §4.2.2). It is not fit for anything that needs to resist an attacker.
public struct SHA1 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
    )

    /// The 20 bytes of the digest.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var padded = bytes
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        append(UInt64(bytes.count) * 8, to: &padded)

        var hash = SHA1()
        for block in stride(from: 0, to: padded.count, by: 64) {
            hash.compress(padded.span.extracting(block..<block + 64))
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        let (a, b, c, d, e) = hash.state
        for word in [a, b, c, d, e] { append(word, to: &digest) }
        return digest
    }

    /// FIPS 180-4 §6.1.2, one block of 64 bytes.
    private mutating func compress(_ block: Span<UInt8>) {
        var schedule = [UInt32](repeating: 0, count: 80)
        for index in 0..<64 {
            schedule[index / 4] = schedule[index / 4] << 8 | UInt32(block[index])
        }
        for index in 16..<80 {
            schedule[index] = Self.rotate(
                schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14]
                    ^ schedule[index - 16], by: 1)
        }
        var (a, b, c, d, e) = state
        for (index, word) in schedule.enumerated() {
            let (mixed, constant): (UInt32, UInt32) =
                switch index {
                case 0..<20: ((b & c) ^ (~b & d), 0x5A82_7999)
                case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case 40..<60: ((b & c) ^ (b & d) ^ (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = Self.rotate(a, by: 5) &+ mixed &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, Self.rotate(b, by: 30), c, d)
        }
        state = (
            state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d, state.4 &+ e
        )
    }

    private static func rotate(_ word: UInt32, by count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }

    private static func append(_ word: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for shift in stride(from: word.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: word >> shift))
        }
    }
}
