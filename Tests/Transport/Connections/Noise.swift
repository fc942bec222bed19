import TestSupport

/// Text that compression makes little of.
enum Noise {
    /// So many letters and digits, the same in every run.
    static func text(_ count: Int) -> String {
        var random = SeededRandom(seed: 1)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let bytes = (0..<count).map { _ in letters[Int(random.next() % UInt64(letters.count))] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
