import Testing
import Transport

struct HTTPHeadersTests {
    private let headers: HTTPHeaders = ["Accept": "a", "X-Y": "1", "accept": "b , c", "ACCEPT": ""]

    @Test func `finds names without their case`() {
        #expect(headers.first(named: "ACCept") == "a")
        #expect(headers.first(named: "x-y") == "1")
        #expect(headers.first(named: "x_y") == nil)
        #expect(headers.first(named: "X\u{19}Y") == nil)
        #expect(headers.all(named: "accept") == ["a", "b , c", ""])
    }

    @Test func `splits lists over all fields of a name`() {
        #expect(headers.list(named: "accept") == ["a", "b", "c"])
        #expect(headers.list(named: "none").isEmpty)
    }

    @Test(arguments: [
        ("", []), (" , ,\t", []), ("a,,b", ["a", "b"]), ("a;q=\"1,2\", b", ["a;q=\"1,2\"", "b"]),
        (#""a\",b",c"#, [#""a\",b""#, "c"]), (#""a\\",b"#, [#""a\\""#, "b"]),
        ("\"open, b", ["\"open, b"]), (#"a\,b"#, [#"a\"#, "b"]), ("멍,é", ["멍", "é"]),
    ])
    func `honours quoted strings in lists`(value: String, elements: [String]) {
        let headers: HTTPHeaders = ["x": value]
        #expect(headers.list(named: "X") == elements)
    }

    @Test func `keeps the place of what it sets`() {
        var headers = headers
        headers.set("accept", "z")
        #expect(headers == ["accept": "z", "X-Y": "1"])
        headers.set("new", "n")
        headers.append("x-y", "2")
        #expect(headers == ["accept": "z", "X-Y": "1", "new": "n", "x-y": "2"])
        headers.remove("X-y")
        #expect(headers.map(\.name) == ["accept", "new"])
    }
}
