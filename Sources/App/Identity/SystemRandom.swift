/// Where randomness comes from: returns that many unpredictable bytes. Injected, so that a
/// simulation can be replayed.
package typealias RandomBytes = @Sendable (_ count: Int) -> [UInt8]

/// The kernel's randomness.
enum SystemRandom {
    /// Bytes from getrandom(2), which is what the standard library's generator reads on Linux.
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word: UInt64 = generator.next()
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return bytes
    }
}
