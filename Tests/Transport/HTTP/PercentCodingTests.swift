import Testing
import Transport

struct PercentCodingTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41%42", "AB"), ("a%2fb%2Fc", "a/b/c"), ("%EB%A9%8D", "멍"),
        ("a+b", "a+b"), ("%2541", "%41"), ("%00", "\0"),
    ])
    func `decodes once`(text: String, decoded: String) {
        #expect(PercentCoding.decode(text) == decoded)
    }

    @Test(arguments: ["%", "a%", "%4", "%4g", "%g4", "%%41", "% 41", "%+1", "%ff", "%c0%80"])
    func `refuses what is malformed or no text`(text: String) {
        #expect(PercentCoding.decode(text) == nil)
    }

    @Test func `takes a plus for a space in forms only`() {
        #expect(PercentCoding.decode(Array("a+b%2B".utf8).span) == Array("a+b+".utf8))
        #expect(
            PercentCoding.decode(Array("a+b%2B".utf8).span, plusIsSpace: true)
                == Array("a b+".utf8))
    }

    @Test func `encodes everything that could mean something`() {
        #expect(PercentCoding.encodeComponent("aZ09-._~") == "aZ09-._~")
        #expect(
            PercentCoding.encodeComponent("a/b?c&d=e+f %멍")
                == "a%2Fb%3Fc%26d%3De%2Bf%20%25%EB%A9%8D")
        let all = String(String.UnicodeScalarView((0...0x7ff).compactMap(Unicode.Scalar.init)))
        #expect(PercentCoding.decode(PercentCoding.encodeComponent(all)) == all)
    }
}
