import Testing
import Transport

struct FormURLEncodedTests {
    private func pairs(_ text: String) throws -> [String] {
        try FormURLEncoded.parse(Array(text.utf8)).map { "\($0.name)→\($0.value)" }
    }

    @Test func `reads fields in order`() throws {
        #expect(try pairs("email=a%40b.c&password=x+y%2Bz") == ["email→a@b.c", "password→x y+z"])
        #expect(try pairs("a=1&a=2&b") == ["a→1", "a→2", "b→"])
        #expect(try pairs("&&a==&=b&") == ["a→=", "→b"])
        #expect(try pairs("") == [])
    }

    @Test(arguments: ["a=%", "%zz=1", "a=%ff", "a=1&b=%e"])
    func `refuses what is malformed`(text: String) {
        #expect(throws: FormURLEncodedError.malformed) { try pairs(text) }
    }

    @Test func `bounds the number of fields`() throws {
        let bytes = Array("a&b&c".utf8)
        #expect(try FormURLEncoded.parse(bytes, fieldCountMax: 3).count == 3)
        #expect(throws: FormURLEncodedError.tooManyFields) {
            try FormURLEncoded.parse(bytes, fieldCountMax: 2)
        }
    }
}
