import Testing
import Transport

/// A parser that sees the same bytes says the same, however they arrive.
struct HTTPChunkingTests {
    static let requests = [
        httpGet(), httpGet("/a%20b?c=d&e=%EB%A9%8D", fields: "Accept: */*\r\nCookie: a=b\r\n"),
        httpGet(version: "HTTP/1.0"), "\r\n\r\n" + httpGet("http://b/x"),
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        httpPost("Content-Length: 5\r\n", body: "hello"), httpPost("Content-Length: 0\r\n"),
        httpPost("Content-Length: 4\r\n", body: "\r\n\r\n"),
        httpPost(
            "Transfer-Encoding: chunked\r\n",
            body: "5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n"),
        httpPost("Transfer-Encoding: chunked\r\n", body: "0\r\n\r\n"),
        httpPost("Expect: 100-continue\r\nContent-Length: 1\r\n", body: "a"),
    ]

    static let refused = [
        "GET / HTTP/2.0\r\n\r\n", "GET /\0 HTTP/1.1\r\n\r\n", "\r\n\r\n\r\n", "GET /\r\n\r\n",
        httpGet("/.."), httpGet(fields: "X : 1\r\n"), httpGet(fields: "X: 1\r\n fold\r\n"),
        httpGet(fields: "Host: b\r\n"), httpGet(fields: "X: a\rb\r\n"),
        httpGet(fields: "X: " + String(repeating: "a", count: 16384)),
        httpGet("/" + String(repeating: "a", count: 8192)),
        httpPost("Content-Length: 5, 5\r\n", body: "hello"),
        httpPost("Content-Length: 5000000\r\n", body: "hello"),
        httpPost("Transfer-Encoding: chunked\r\n", body: "5\r\nhello!\r\n"),
        httpPost("Transfer-Encoding: chunked\r\n", body: "5\r\nhello\r\nFFFFFFF\r\n"),
        httpPost("Transfer-Encoding: chunked\r\n", body: "0\r\nX : 1\r\n\r\n"),
    ]

    @Test(arguments: requests)
    func `reads a request split at every byte as it reads it whole`(text: String) {
        let whole = HTTPReading(text)
        #expect(whole.error == nil)
        #expect(whole.endCount == 1)
        for chunkBytes in [1, 2, 3, 7] {
            #expect(HTTPReading(text, chunkBytes: chunkBytes) == whole)
        }
    }

    @Test(arguments: requests)
    func `reads a request cut in two anywhere`(text: String) throws {
        let whole = HTTPReading(text)
        let bytes = Array(text.utf8)
        for place in 1..<bytes.count {
            var parser = HTTPRequestParser()
            var events: [HTTPRequestEvent] = []
            for part in [bytes[..<place], bytes[place...]] {
                parser.append(Array(part).span)
                while let event = try parser.next() { events.append(event) }
            }
            #expect(events.first == whole.events.first)
            #expect(events.last == whole.events.last)
            #expect(parser.isIdle)
        }
    }

    @Test func `reads pipelined requests as it reads them one by one`() {
        let alone = Self.requests.flatMap { HTTPReading($0).events }
        let bytes = Array(Self.requests.joined().utf8)
        for chunkBytes in [1, 2, 5, 64, bytes.count] {
            let together = HTTPReading(bytes, chunkBytes: chunkBytes)
            #expect(together.error == nil)
            #expect(together.events == alone)
        }
    }

    @Test(arguments: refused)
    func `refuses a request split at every byte for the same reason`(text: String) {
        let whole = HTTPReading(text)
        #expect(whole.error != nil)
        for chunkBytes in [1, 2, 3, 7] {
            #expect(HTTPReading(text, chunkBytes: chunkBytes) == whole)
        }
        let second = HTTPReading(Self.requests[0] + text)
        #expect(second.endCount == 1)
        #expect(second.error == whole.error)
    }
}
