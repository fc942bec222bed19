import Synchronization
import Testing

@testable import App

struct PasswordHasherTests {
    private let hasher = PasswordHasher(pool: TestPool.shared)

    @Test func `knows a password again, and no other`() async throws {
        let hash = try await hasher.hash(password("correct horse"))
        #expect(hash.text.hasPrefix("$y$j9T$"))
        #expect(try await hasher.verify(password("correct horse"), against: hash))
        #expect(try await !hasher.verify(password("correct Horse"), against: hash))
        #expect(try await !hasher.verify(password("correct horse "), against: hash))
    }

    @Test func `salts, so that equal passwords have different hashes`() async throws {
        let first = try await hasher.hash(password("correct horse"))
        let second = try await hasher.hash(password("correct horse"))
        #expect(first != second)
    }

    /// What crypt(3) of Debian 12 makes of it, called from C.
    @Test func `gives the hash that any other program gets from libcrypt`() {
        let setting = Crypt.setting(salt: [1, 2, 3] + [UInt8](repeating: 0, count: 13))
        #expect(setting == "$y$j9T$/6k...................")
        #expect(
            Crypt.hash(Array("hello world".utf8), setting: setting)
                == setting + "$COhvGuuz.kxbkFZ/8NSKELrxt10lzgHgS.QBXP3V/y0")
    }

    @Test(arguments: ["", "*0", "*1", "$y$", "$9$what", "plain"])
    func `no password matches a hash that is none`(text: String) async throws {
        let hash = PasswordHash(text: text)
        #expect(try await !hasher.verify(password("correct horse"), against: hash))
    }

    /// One draw of salt per verification shows that a real hash was computed.
    @Test func `does the same work for an account that is not there`() async throws {
        let draws = Atomic(0)
        let hasher = PasswordHasher(pool: TestPool.shared) { count in
            draws.add(1, ordering: .relaxed)
            return [UInt8](repeating: 0, count: count)
        }
        #expect(try await !hasher.verify(password("correct horse"), against: nil))
        #expect(draws.load(ordering: .relaxed) == 1)
    }

    @Test(arguments: [
        ("1234567", false), ("12345678", true), (String(repeating: "x", count: 128), true),
        (String(repeating: "x", count: 129), false), ("eight\0chars", false), ("žluťoučký", true),
        (String(repeating: "x", count: 1_000_000), false), ("ééé", false), ("éééé", true),
    ])
    func `takes passwords of 8 to 128 bytes without NUL`(text: String, isFit: Bool) {
        #expect((Password(text) != nil) == isFit)
    }

    @Test func `takes composed and decomposed characters for the same`() {
        #expect(Password("caf\u{e9}-au-lait")?.bytes == Password("cafe\u{301}-au-lait")?.bytes)
    }

    private func password(_ text: String) throws -> Password {
        try #require(Password(text))
    }
}
