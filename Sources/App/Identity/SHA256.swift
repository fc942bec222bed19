/// The SHA-256 hash of a message that may arrive in pieces (FIPS 180-4 §6.2).
///
/// A value: a copy taken after some input continues from there on its own, which is what makes a
/// prepared HMAC key cheap.
package struct SHA256: Sendable {
    static let digestBytes = 32
    static let blockBytes = 64

    private var state: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
        0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// The bytes of an unfinished block; the first `messageBytes % 64` of it count.
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var messageBytes: UInt64 = 0

    init() {}

    /// The hash of a whole message.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(message.span)
        return hash.finish()
    }

    /// Takes in the next piece of the message; where it is cut makes no difference.
    mutating func update(_ piece: Span<UInt8>) {
        var next = 0
        var filled = Int(messageBytes % 64)
        messageBytes += UInt64(piece.count)
        if filled > 0 {
            while filled < 64, next < piece.count {
                block[filled] = piece[next]
                filled += 1
                next += 1
            }
            guard filled == 64 else { return }
            let full = block
            compress(full.span, at: 0)
        }
        while piece.count - next >= 64 {
            compress(piece, at: next)
            next += 64
        }
        filled = 0
        while next < piece.count {
            block[filled] = piece[next]
            filled += 1
            next += 1
        }
    }

    /// Pads the message (FIPS 180-4 §5.1.1) and returns its 32 bytes of hash.
    consuming func finish() -> [UInt8] {
        let messageBits = messageBytes * 8
        var padding = [UInt8](repeating: 0, count: 1 + Int((119 - messageBytes % 64) % 64))
        padding[0] = 0x80
        for shift in stride(from: 56, through: 0, by: -8) {
            padding.append(UInt8(truncatingIfNeeded: messageBits >> UInt64(shift)))
        }
        update(padding.span)

        var digest: [UInt8] = []
        digest.reserveCapacity(Self.digestBytes)
        for index in 0..<8 {
            for shift in stride(from: 24, through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] >> UInt32(shift)))
            }
        }
        return digest
    }

    /// Works the 64 bytes from `start` into the state (FIPS 180-4 §6.2.2).
    private mutating func compress(_ bytes: Span<UInt8>, at start: Int) {
        var schedule = InlineArray<64, UInt32>(repeating: 0)
        for t in 0..<16 {
            let at = start + 4 * t
            schedule[t] =
                UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16
                | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
        }
        for t in 16..<64 {
            schedule[t] =
                smallSigma(schedule[t - 2], 17, 19, 10) &+ schedule[t - 7]
                &+ smallSigma(schedule[t - 15], 7, 18, 3) &+ schedule[t - 16]
        }

        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let choice = (e & f) ^ (~e & g)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let first = h &+ bigSigma(e, 6, 11, 25) &+ choice &+ roundConstants[t] &+ schedule[t]
            let second = bigSigma(a, 2, 13, 22) &+ majority
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
    }
}

@inline(__always)
private func rotateRight(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word &>> bits | word &<< (32 &- bits)
}

/// The functions Σ of FIPS 180-4 §4.1.2, given their three rotations.
@inline(__always)
private func bigSigma(_ word: UInt32, _ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 {
    rotateRight(word, x) ^ rotateRight(word, y) ^ rotateRight(word, z)
}

/// The functions σ of FIPS 180-4 §4.1.2, given two rotations and a shift.
@inline(__always)
private func smallSigma(_ word: UInt32, _ x: UInt32, _ y: UInt32, _ shift: UInt32) -> UInt32 {
    rotateRight(word, x) ^ rotateRight(word, y) ^ word &>> shift
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes
/// (FIPS 180-4 §4.2.2).
private let roundConstants: InlineArray<64, UInt32> = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
    0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
    0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
    0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
    0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
    0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
    0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
    0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
    0xc671_78f2,
]
