import Testing
import Transport

struct HTTPRequestTargetTests {
    @Test(arguments: [
        ("/", "/", "/"), ("/a/b", "/a/b", "/a/b"), ("/a%20b", "/a b", "/a%20b"),
        ("/%EB%A9%8D", "/멍", "/%EB%A9%8D"), ("/a+b", "/a+b", "/a+b"),
        ("/%2541", "/%41", "/%2541"), ("//a//", "//a//", "//a//"), ("/...", "/...", "/..."),
        ("/.well-known/x", "/.well-known/x", "/.well-known/x"), ("/a|b[1]", "/a|b[1]", "/a|b[1]"),
        ("/?q", "/", "/"), ("http://b/x%2fy?q=1", "/x/y", "/x%2fy"), ("HTTPS://b", "/", "/"),
        ("http://b:80?q", "/", "/"), ("http://[::1]:80/x", "/x", "/x"),
    ])
    func `decodes the path once`(target: String, path: String, rawPath: String) throws {
        let head = try #require(HTTPReading(httpGet(target)).heads.first)
        #expect(head.target == target)
        #expect(head.path == path)
        #expect(head.rawPath == rawPath)
    }

    @Test(arguments: [
        "/..", "/../etc/passwd", "/a/../b", "/a/..", "/.", "/./a", "/a/.", "/%2e%2e/a",
        "/a/%2E./b", "/a%2f..%2fb", "/..%2fa", "/%", "/%4", "/%zz", "/%00", "/a%0d%0aX", "/%7f",
        "/%ff", "/%c0%af", "/a#b", "/\"", "/<b>", "/é", "a", "a/b", "*", "?q=1", "ftp://a/b",
        "http:/a", "http://", "http:///a", "http://?a", "http://u@b/", "http://:80/",
        "http://b:x/", "http://[::1/", "http://[]/", "example.org:443", ":", "/?a=%", "/?a=%ff",
    ])
    func `refuses a target that is dangerous or malformed`(target: String) {
        let reading = HTTPReading(httpGet(target))
        #expect(reading.error == .invalidTarget)
        #expect(reading.error?.status.code == 400)
    }

    @Test func `takes the asterisk of OPTIONS and of nothing else`() {
        let options = HTTPReading("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(options.heads.first?.path == "*")
        #expect(options.heads.first?.method == .options)
        #expect(HTTPReading("POST * HTTP/1.1\r\nHost: a\r\n\r\n").error == .invalidTarget)
    }

    @Test func `lets an absolute target overrule Host`() {
        let reading = HTTPReading(httpGet("http://b:8080/x"))
        #expect(reading.heads.first?.headers.all(named: "host") == ["b:8080"])
    }

    @Test func `reads the query as a form`() {
        let reading = HTTPReading(httpGet("/?a=1&b=x+y%26z&a=%EB%A9%8D&&flag&=v&c=d=e?f"))
        #expect(
            reading.heads.first?.query == [
                HTTPQueryItem(name: "a", value: "1"), HTTPQueryItem(name: "b", value: "x y&z"),
                HTTPQueryItem(name: "a", value: "멍"), HTTPQueryItem(name: "flag", value: ""),
                HTTPQueryItem(name: "", value: "v"), HTTPQueryItem(name: "c", value: "d=e?f"),
            ])
    }

    @Test(arguments: ["", "a.example", "a:80", "a:", "127.0.0.1", "[::1]", "[::1]:8080", "a_b"])
    func `takes a host of RFC 3986`(host: String) {
        #expect(HTTPReading("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").error == nil)
    }

    @Test(arguments: [
        "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "", "Host: a b\r\n", "Host: a/b\r\n",
        "Host: u@a\r\n", "Host: a:x\r\n", "Host: a, b\r\n", "Host: é\r\n", "Host: [::1\r\n",
        "Host: [::1]a\r\n", "Host: http://a\r\n", "Host: a:80:80\r\n", "Host: a?b\r\n",
    ])
    func `refuses a request without exactly one host`(fields: String) {
        #expect(HTTPReading("GET / HTTP/1.1\r\n\(fields)\r\n").error == .invalidHost)
    }

    @Test func `lets HTTP 1.0 do without a host, not have two`() {
        #expect(HTTPReading("GET / HTTP/1.0\r\n\r\n").endCount == 1)
        #expect(
            HTTPReading("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").error == .invalidHost)
    }
}
