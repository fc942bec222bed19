import Testing
import Transport

struct HTTPRequestParserTests {
    @Test func `reads a request without a body`() throws {
        let reading = HTTPReading(
            "GET /rooms/7?page=2 HTTP/1.1\r\nHost: example.org:8080\r\nX-One:  first \t\r\n\r\n")
        #expect(reading.error == nil)
        let head = try #require(reading.heads.first)
        #expect(head.method == .get)
        #expect(head.target == "/rooms/7?page=2")
        #expect(head.path == "/rooms/7")
        #expect(head.query == [HTTPQueryItem(name: "page", value: "2")])
        #expect(head.version == .http11)
        #expect(head.headers == ["Host": "example.org:8080", "X-One": "first"])
        #expect(head.framing == .none)
        #expect(head.keepsAlive)
        #expect(!head.expectsContinue)
        #expect(reading.events == [.head(head), .end(trailers: [:])])
    }

    @Test func `reads a body by its length and goes on with the next request`() {
        let reading = HTTPReading(
            httpPost("Content-Length: 5\r\n", body: "hello") + httpGet("/next"))
        #expect(reading.heads.map(\.path) == ["/", "/next"])
        #expect(reading.heads.first?.framing == .length(5))
        #expect(reading.body == Array("hello".utf8))
        #expect(reading.endCount == 2)
        #expect(reading.error == nil)
    }

    @Test func `reads a chunked body, its extensions skipped and its trailers apart`() throws {
        let reading = HTTPReading(
            httpPost(
                "Transfer-Encoding: Chunked\r\n",
                body: "5\r\nhello\r\n00A;name=\"v\"\r\n, chunks!!\r\n0;last\r\nX-Sum: 1\r\n\r\n"))
        #expect(reading.error == nil)
        #expect(reading.heads.first?.framing == .chunked)
        #expect(reading.heads.first?.headers.first(named: "x-sum") == nil)
        #expect(reading.body == Array("hello, chunks!!".utf8))
        #expect(reading.events.last == .end(trailers: ["X-Sum": "1"]))
    }

    @Test func `hands out a body as it arrives`() throws {
        var parser = HTTPRequestParser()
        parser.append(Array(httpPost("Content-Length: 65536\r\n").utf8).span)
        _ = try #require(try parser.next())
        for _ in 0..<64 {
            #expect(try parser.next() == nil)
            parser.append([UInt8](repeating: 7, count: 1024).span)
            #expect(try parser.next() == .body([UInt8](repeating: 7, count: 1024)))
            #expect(parser.bufferedByteCount == 0)
        }
        #expect(try parser.next() == .end(trailers: [:]))
    }

    @Test func `is idle between requests and not a byte longer`() throws {
        var parser = HTTPRequestParser()
        #expect(parser.isIdle)
        parser.append([UInt8(ascii: "G")].span)
        #expect(!parser.isIdle)
        #expect(try parser.next() == nil)
        #expect(!parser.isIdle)
        parser.append(Array(httpGet().dropFirst().utf8).span)
        _ = try parser.next()
        #expect(!parser.isIdle)
        #expect(try parser.next() == .end(trailers: [:]))
        #expect(parser.isIdle)
        #expect(parser.bufferedByteCount == 0)
    }

    @Test func `is not idle while a body is missing`() throws {
        var parser = HTTPRequestParser()
        parser.append(Array(httpPost("Content-Length: 1\r\n").utf8).span)
        _ = try parser.next()
        #expect(try parser.next() == nil)
        #expect(parser.bufferedByteCount == 0)
        #expect(!parser.isIdle)
    }

    @Test func `gives the bytes after an upgrade to whoever asks`() throws {
        var parser = HTTPRequestParser()
        let head = httpGet(fields: "Connection: Upgrade\r\nUpgrade: websocket\r\n")
        parser.append((Array(head.utf8) + [0x81, 0x80, 0, 13, 10]).span)
        _ = try parser.next()
        #expect(try parser.next() == .end(trailers: [:]))
        #expect(parser.bufferedByteCount == 5)
        #expect(parser.takeRemainder() == [0x81, 0x80, 0, 13, 10])
        #expect(parser.takeRemainder().isEmpty)
    }

    @Test func `keeps failing with the same error and keeps no bytes`() {
        var parser = HTTPRequestParser()
        parser.append(Array("nonsense\r\n".utf8).span)
        for _ in 0..<2 {
            #expect(throws: HTTPParseError.invalidRequestLine) { try parser.next() }
            parser.append(Array(httpGet().utf8).span)
            #expect(parser.bufferedByteCount == 0)
            #expect(!parser.isIdle)
        }
    }

    @Test func `skips two empty lines before a request, not three`() {
        #expect(HTTPReading("\r\n\r\n" + httpGet()).endCount == 1)
        #expect(HTTPReading("\r\n\r\n" + httpGet() + "\r\n\r\n" + httpGet()).endCount == 2)
        #expect(HTTPReading("\r\n\r\n\r\n").error == .invalidRequestLine)
        #expect(HTTPReading("\n" + httpGet()).error == .forbiddenByte)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "close", false), ("HTTP/1.1", "Close", false),
        ("HTTP/1.1", "keep-alive", true), ("HTTP/1.1", "upgrade, close", false),
        ("HTTP/1.1", "closed", true), ("HTTP/1.0", "", false), ("HTTP/1.0", "keep-alive", true),
        ("HTTP/1.0", "Keep-Alive, close", false), ("HTTP/1.0", "upgrade", false),
        ("HTTP/1.9", "", true),
    ])
    func `keeps the connection as version and options ask`(
        version: String, options: String, keepsAlive: Bool
    ) {
        let fields = options.isEmpty ? "" : "Connection: \(options)\r\n"
        let reading = HTTPReading(httpGet(fields: fields, version: version))
        #expect(reading.heads.first?.keepsAlive == keepsAlive)
    }

    @Test(arguments: [
        (httpPost("Expect: 100-continue\r\nContent-Length: 2\r\n"), true),
        (httpPost("Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"), true),
        (httpPost("Expect: 100-continue\r\nContent-Length: 0\r\n"), false),
        (httpPost("Expect: 100-continue\r\n"), false), (httpPost("Content-Length: 2\r\n"), false),
        (httpPost("Expect: 100-continue\r\nContent-Length: 2\r\n", version: "HTTP/1.0"), false),
        (httpPost("Expect: magic\r\nContent-Length: 2\r\n", version: "HTTP/1.0"), false),
    ])
    func `tells when the client waits for 100`(text: String, expects: Bool) {
        #expect(HTTPReading(text).heads.first?.expectsContinue == expects)
    }

    @Test(arguments: ["magic", "100-continue, magic", "", "200-ok"])
    func `refuses other expectations`(expectation: String) {
        let reading = HTTPReading(httpPost("Expect: \(expectation)\r\nContent-Length: 2\r\n"))
        #expect(reading.error == .unsupportedExpectation)
        #expect(reading.error?.status.code == 417)
    }

    @Test(arguments: [
        ("GET / HTTP/2.0\r\n\r\n", HTTPParseError.unsupportedVersion),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        ("GET / HTTP/0.9\r\n", .unsupportedVersion), ("GET /\r\n", .invalidRequestLine),
        ("GET / \r\n", .invalidRequestLine), ("GET / http/1.1\r\n", .invalidRequestLine),
        ("GET / HTTP/1.1 \r\n", .invalidRequestLine), ("GET  / HTTP/1.1\r\n", .invalidRequestLine),
        ("GET /  HTTP/1.1\r\n", .invalidRequestLine), (" GET / HTTP/1.1\r\n", .invalidRequestLine),
        ("GET\t/\tHTTP/1.1\r\n", .invalidRequestLine), ("GET / HTTP/1\r\n", .invalidRequestLine),
        ("GET / HTTP/11\r\n", .invalidRequestLine), ("GET / HTTP/1.10\r\n", .invalidRequestLine),
        ("G(T / HTTP/1.1\r\n", .invalidRequestLine), ("GÉT / HTTP/1.1\r\n", .invalidRequestLine),
        ("/ HTTP/1.1\r\n", .invalidRequestLine), ("GET / HTTP/1.1\n", .forbiddenByte),
        ("GET / HTTP/1.1\r\r\n", .forbiddenByte), ("GET /\0 HTTP/1.1\r\n", .forbiddenByte),
        ("\u{16}\u{3}\u{1}", .forbiddenByte),
    ])
    func `refuses a first line of another shape`(line: String, error: HTTPParseError) {
        #expect(HTTPReading(line).error == error)
    }

    @Test(arguments: [
        ("X-A : 1", HTTPParseError.invalidField), ("X-A\t: 1", .invalidField),
        (": 1", .invalidField), ("X-A", .invalidField), ("X A: 1", .invalidField),
        ("X(A): 1", .invalidField), ("Ä: 1", .invalidField), ("X-A: 1\r\n folded", .foldedField),
        ("X-A: 1\r\n\tfolded", .foldedField), ("X-A: 1\r\n ", .foldedField),
        ("X-A: a\0b", .forbiddenByte), ("X-A: a\u{b}b", .forbiddenByte),
        ("X-A: a\u{7f}b", .forbiddenByte), ("X-A: a\rb", .forbiddenByte),
        ("X-A: a\nb", .forbiddenByte), ("X-A: a\u{1b}[31m", .forbiddenByte),
        ("X-A: a\r\r", .forbiddenByte),
    ])
    func `refuses a field of another shape`(line: String, error: HTTPParseError) {
        let reading = HTTPReading(httpGet(fields: line + "\r\n"))
        #expect(reading.error == error)
        #expect(reading.error?.status == .badRequest)
        #expect(reading.events.isEmpty)
    }

    @Test func `refuses white space before the first field`() {
        #expect(HTTPReading("GET / HTTP/1.1\r\n Host: a\r\n\r\n").error == .foldedField)
    }

    @Test func `takes header values as UTF-8, and as Latin-1 where they are none`() {
        let utf8 = HTTPReading(httpGet(fields: "X-Name: 멍멍이\r\n"))
        #expect(utf8.heads.first?.headers.first(named: "x-name") == "멍멍이")
        let latin1 =
            Array("GET / HTTP/1.1\r\nHost: a\r\nX-Name: caf".utf8) + [0xe9] + Array("\r\n\r\n".utf8)
        #expect(HTTPReading(latin1).heads.first?.headers.first(named: "x-name") == "café")
    }

    @Test func `takes an empty value, and a tab within one`() {
        let reading = HTTPReading(httpGet(fields: "X-A:\r\nX-B:a\tb\r\n"))
        #expect(reading.heads.first?.headers == ["Host": "a", "X-A": "", "X-B": "a\tb"])
    }

    @Test func `reads cookies by name, all values in order`() {
        let reading = HTTPReading(
            httpGet(fields: "Cookie: a=1; b=x=y;c ; A=2\r\nCookie: a=\"3\"; =4\r\n"))
        #expect(
            reading.heads.first?.cookies
                == ["a": ["1", "\"3\""], "b": ["x=y"], "A": ["2"], "": ["4"]])
    }
}
