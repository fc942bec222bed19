import Testing
import Transport

struct STOMPLimitsTests {
    private let limits = STOMPLimits(
        headerCountMax: 3, headerBytesMax: 20, headBytesMax: 40, bodyBytesMax: 10)

    /// Whole, byte by byte, and cut off right behind the byte that breaks the limit.
    private func expect(_ limit: STOMPLimit?, of text: String) {
        let bytes = Array(text.utf8)
        let error = limit.map { STOMPError.tooLarge($0) }
        #expect(feed([bytes], version: .v12, limits: limits).error == error)
        #expect(feed(bytes.map { [$0] }, version: .v12, limits: limits).error == error)
    }

    @Test func `bounds the number of headers`() {
        expect(nil, of: "SEND\na:1\nb:2\nc:3\n\n\0")
        expect(.headerCount, of: "SEND\na:1\na:2\na:3\na:4\n")
    }

    @Test func `bounds a header line before its end has come`() {
        expect(nil, of: "SEND\nk:\(String(repeating: "v", count: 18))\n\n\0")
        expect(.headerBytes, of: "SEND\nk:\(String(repeating: "v", count: 19))")
    }

    @Test func `bounds the head before its end has come`() {
        let line = "k:\(String(repeating: "v", count: 14))\n"
        expect(nil, of: "SEND\n\(line)\(line)\n\0")
        expect(.headBytes, of: "SEND\n\(line)\(line)k:vv")
    }

    @Test func `bounds a body of announced length from the head alone`() {
        expect(nil, of: "SEND\ncontent-length:10\n\n0123456789\0")
        expect(.bodyBytes, of: "SEND\ncontent-length:11\n")
    }

    @Test(arguments: ["9223372036854775807", "9223372036854775808", "000099999999999"])
    func `takes any larger number for too large`(length: String) {
        let text = "SEND\ncontent-length:\(length)\n"
        let roomy = STOMPLimits(bodyBytesMax: 10)
        #expect(feed(text, version: .v12, limits: roomy).error == .tooLarge(.bodyBytes))
    }

    @Test func `reads leading zeros of a content-length`() {
        expect(nil, of: "SEND\ncontent-length:0003\n\nabc\0")
    }

    @Test func `bounds a body without announced length at its first byte too many`() {
        expect(nil, of: "SEND\n\n0123456789\0")
        expect(.bodyBytes, of: "SEND\n\n0123456789x")
    }

    @Test func `counts every frame on its own`() {
        expect(nil, of: String(repeating: "SEND\na:1\nb:2\nc:3\n\n0123456789\0\n", count: 20))
    }

    @Test(arguments: STOMPLimit.allCases)
    func `has a code and a reason for each`(limit: STOMPLimit) {
        #expect(STOMPError.tooLarge(limit).code == "too-large")
        #expect(STOMPError.badEscape.code == "bad-frame")
        #expect(!STOMPError.tooLarge(limit).reason.isEmpty)
    }
}
