import Testing

@testable import App

struct HMACSHA256Tests {
    /// RFC 4231 §4.2 to §4.8, in their order.
    @Test(arguments: [
        (
            repeated(0x0b, 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            repeated(0xaa, 20), repeated(0xdd, 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), repeated(0xcd, 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            repeated(0xaa, 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            repeated(0xaa, 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than "
                    + "block-size data. The key needs to be hashed before being used by the "
                    + "HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `gives the published codes`(key: [UInt8], message: [UInt8], code: String) {
        #expect(hex(HMACSHA256(key: key).code(for: message)) == code)
    }

    /// RFC 4231 §4.6, which looks at the first 128 bits only.
    @Test func `gives the published truncated code`() {
        let code = HMACSHA256(key: repeated(0x0c, 20)).code(for: Array("Test With Truncation".utf8))
        #expect(hex(Array(code.prefix(16))) == "a3b6167473100ee06e0c796c2955552b")
    }

    @Test func `serves many messages with one prepared key`() {
        let key = HMACSHA256(key: [1, 2, 3])
        let first = key.code(for: [4])
        _ = key.code(for: [5])
        #expect(key.code(for: [4]) == first)
    }

    @Test func `finds any single difference between equally long secrets`() {
        let secret = repeated(7, 32)
        #expect(ConstantTime.equal(secret, repeated(7, 32)))
        #expect(!ConstantTime.equal(secret, repeated(7, 31)))
        for index in secret.indices {
            var other = secret
            other[index] ^= 0x80
            #expect(!ConstantTime.equal(secret, other))
        }
    }
}

private func repeated(_ byte: UInt8, _ count: Int) -> [UInt8] {
    [UInt8](repeating: byte, count: count)
}
