import Testing
import Transport

struct HTTPSelectionTests {
    private func selection(_ headers: HTTPHeaders, of byteCount: Int = 100) -> HTTPSelection {
        HTTPSelection(headers, entityTag: "\"a\"", byteCount: byteCount)
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=90-", 90..<100),
        ("bytes=0-999", 0..<100), ("bytes=-10", 90..<100), ("bytes=-1000", 0..<100),
        ("bytes=99-99999999999999999999999", 99..<100),
    ])
    func `gives the part that is asked for`(range: String, part: Range<Int>) {
        #expect(selection(["range": range]) == .part(part))
    }

    @Test(arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"])
    func `says where there is nothing of a part`(range: String) {
        #expect(selection(["range": range]) == .unsatisfiable)
    }

    @Test(arguments: [
        "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "0-1",
        "bytes=+1-2", "bytes=1-2-3", "bytes= 1-2",
    ])
    func `ignores what it can't read`(range: String) {
        #expect(selection(["range": range]) == .whole)
    }

    @Test func `ignores several ranges`() {
        var headers: HTTPHeaders = ["range": "bytes=0-1"]
        headers.append("range", "bytes=2-3")
        #expect(selection(headers) == .whole)
    }

    @Test func `gives a part only of what the client began with`() {
        #expect(selection(["range": "bytes=1-2", "if-range": "\"a\""]) == .part(1..<3))
        for other in ["\"b\"", "W/\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            #expect(selection(["range": "bytes=1-2", "if-range": other]) == .whole)
        }
    }

    @Test(arguments: ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"])
    func `does not send again what the client has`(tags: String) {
        #expect(selection(["if-none-match": tags, "range": "bytes=0-1"]) == .notModified)
        #expect(selection(["if-none-match": "\"b\""]) == .whole)
    }

    @Test func `of nothing there is no part`() {
        #expect(selection(["range": "bytes=0-"], of: 0) == .unsatisfiable)
        #expect(selection(["range": "bytes=-5"], of: 0) == .unsatisfiable)
    }
}
