import CCrypt
import Glibc

/// One-way hashing of passphrases by libcrypt: yescrypt, at the library's default cost (16 MiB and
/// about 17 ms of a core).
///
/// A seam to the C library. All memory that C sees is a local array, passed by a pointer that is
/// not kept beyond the call; what held a passphrase is zeroed. Blocks the calling thread.
enum Crypt {
    /// Bytes of salt for `setting`.
    static let saltBytes = 16
    /// yescrypt's cost; each step up doubles time and memory.
    private static let cost: UInt = 5

    /// What `hash` needs to hash a new passphrase: algorithm, cost and salt.
    static func setting(salt: [UInt8]) -> String {
        precondition(salt.count == saltBytes, "a salt has \(saltBytes) bytes")
        var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
        let isMade =
            unsafe crypt_gensalt_rn(
                "$y$", cost, salt.map(CChar.init(bitPattern:)), CInt(salt.count), &output,
                CInt(output.count)) != nil
        precondition(isMade, "libcrypt must support yescrypt")
        return String(decoding: output.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    /// The hash of a passphrase, which starts with its setting. `setting` may be a whole hash: the
    /// result equals it if the passphrase is the same. Nil where libcrypt can't use the setting.
    static func hash(_ phrase: [UInt8], setting: String) -> String? {
        precondition(!phrase.contains(0), "a NUL would cut the passphrase short")
        var phrase = phrase + [0]
        var data = [UInt8](repeating: 0, count: MemoryLayout<crypt_data>.size)
        defer {
            unsafe explicit_bzero(&phrase, phrase.count)
            unsafe explicit_bzero(&data, data.count)
        }
        return unsafe phrase.withUnsafeBytes { phrase in
            unsafe data.withUnsafeMutableBytes { data in
                let hash = unsafe crypt_rn(
                    phrase.assumingMemoryBound(to: CChar.self).baseAddress, setting,
                    data.baseAddress, CInt(data.count))
                return unsafe hash.map { unsafe String(cString: $0) }
            }
        }
    }
}
