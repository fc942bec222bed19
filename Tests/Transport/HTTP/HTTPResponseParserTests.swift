import Testing
import Transport

struct HTTPResponseParserTests {
    static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nuntil the end\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ]

    static let refused = [
        ("HTTP/2.0 200 OK\r\n", HTTPParseError.unsupportedVersion),
        ("HTTP/1.1 20 OK\r\n", .invalidStatusLine), ("HTTP/1.1 2000 OK\r\n", .invalidStatusLine),
        ("HTTP/1.1 099 OK\r\n", .invalidStatusLine), ("HTTP/1.1  200 OK\r\n", .invalidStatusLine),
        ("SSH-2.0-OpenSSH_9\r\n", .invalidStatusLine), ("\r\n", .invalidStatusLine),
        ("HTTP/1.1 200 OK\n", .forbiddenByte),
        ("HTTP/1.1 200 OK\r\nX : 1\r\n\r\n", .invalidField),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", .invalidContentLength),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            .invalidTransferEncoding
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .unsupportedTransferCoding),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", .truncated),
        ("HTTP/1.1 200 OK\r\nContent-Le", .truncated), ("HTTP", .truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", .truncated),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n", .bodyTooLarge),
    ]

    @Test func `reads a response by its length`() throws {
        let reading = HTTPResponseReading(Self.responses[0])
        let head = try #require(reading.heads.first)
        #expect(head.status == .ok)
        #expect(head.status.reason == "OK")
        #expect(head.version == .http11)
        #expect(head.headers == ["Content-Length": "5"])
        #expect(
            reading.events == [.head(head), .body(Array("hello".utf8)), .end(trailers: [:])])
    }

    @Test func `reads a response that ends with the connection`() {
        let reading = HTTPResponseReading(Self.responses[2])
        #expect(reading.body == Array("until the end\r\n\r\n".utf8))
        #expect(reading.isComplete)
    }

    @Test(arguments: responses)
    func `reads a response split at every byte as it reads it whole`(text: String) {
        let whole = HTTPResponseReading(text)
        #expect(whole.isComplete)
        for chunkBytes in [1, 2, 3, 7] {
            #expect(HTTPResponseReading(text, chunkBytes: chunkBytes) == whole)
        }
    }

    @Test func `reads responses that come in one go`() {
        let lengthed = [0, 1, 3, 6].map { Self.responses[$0] }
        let alone = lengthed.flatMap { HTTPResponseReading($0).events }
        #expect(HTTPResponseReading(lengthed.joined()).events == alone)
        #expect(HTTPResponseReading(lengthed.joined(), chunkBytes: 1).events == alone)
    }

    @Test func `expects no body in answer to HEAD`() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        #expect(HTTPResponseReading(text, answering: .head).isComplete)
        #expect(HTTPResponseReading(text).error == .truncated)
    }

    @Test func `hands out a 101 and what follows it`() throws {
        var parser = HTTPResponseParser()
        var bytes: [UInt8] = []
        HTTPResponseEncoder.encodeSwitchingProtocols(to: "websocket", [:], into: &bytes)
        parser.append((bytes + [0x81, 0]).span)
        guard case .head(let head)? = try parser.next() else {
            Issue.record("no head")
            return
        }
        #expect(head.status == .switchingProtocols)
        #expect(head.headers.first(named: "upgrade") == "websocket")
        #expect(try parser.next() == .end(trailers: [:]))
        #expect(parser.takeRemainder() == [0x81, 0])
    }

    @Test func `tells whether the connection stays`() {
        let lines = ["HTTP/1.1 204 A", "HTTP/1.1 204 A\r\nConnection: close", "HTTP/1.0 204 A"]
        let heads = lines.flatMap { HTTPResponseReading($0 + "\r\n\r\n").heads }
        #expect(heads.map(\.keepsAlive) == [true, false, false])
    }

    @Test(arguments: refused)
    func `refuses what is malformed, ambiguous or cut off`(text: String, error: HTTPParseError) {
        for chunkBytes in [1, 2, 1000] {
            #expect(HTTPResponseReading(text, chunkBytes: chunkBytes).error == error)
        }
    }

    @Test func `bounds heads, and bodies that end with the connection`() {
        let endless = "HTTP/1.1 200 " + String(repeating: "a", count: 16384)
        #expect(HTTPResponseReading(endless).error == .fieldsTooLarge)
        let limits = HTTPLimits(bodyBytesMax: 5)
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        #expect(HTTPResponseReading(head + "hello", limits: limits).isComplete)
        #expect(HTTPResponseReading(head + "hello!", limits: limits).error == .bodyTooLarge)
    }
}
