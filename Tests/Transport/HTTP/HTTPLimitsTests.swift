import Testing
import Transport

struct HTTPLimitsTests {
    @Test func `takes a target of the largest size, and no byte more`() {
        let limits = HTTPLimits(targetBytesMax: 100)
        let target = "/" + String(repeating: "a", count: 99)
        #expect(HTTPReading(httpGet(target), limits: limits).endCount == 1)
        let reading = HTTPReading(httpGet(target + "a"), limits: limits)
        #expect(reading.error == .targetTooLong)
        #expect(reading.error?.status.code == 414)
    }

    @Test func `refuses an endless first line before it is complete`() {
        let line = "GET /" + String(repeating: "a", count: 9000)
        #expect(HTTPReading(line).error == .targetTooLong)
        #expect(HTTPReading(String(repeating: "A", count: 9000)).error == .targetTooLong)
    }

    @Test func `takes a head of the largest size, and no byte more`() {
        let text = httpGet(fields: "X: 1\r\n")
        let size = text.utf8.count
        #expect(HTTPReading(text, limits: HTTPLimits(headBytesMax: size)).endCount == 1)
        let reading = HTTPReading(text, limits: HTTPLimits(headBytesMax: size - 1))
        #expect(reading.error == .fieldsTooLarge)
        #expect(reading.error?.status.code == 431)
    }

    @Test func `refuses an endless header before it is complete`() {
        let text = "GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 16384)
        #expect(HTTPReading(text).error == .fieldsTooLarge)
    }

    @Test func `takes as many headers as allowed, and not one more`() {
        let fields = String(repeating: "X: 1\r\n", count: 99)
        #expect(HTTPReading(httpGet(fields: fields)).endCount == 1)
        let reading = HTTPReading(httpGet(fields: fields + "X: 1\r\n"))
        #expect(reading.error == .tooManyFields)
        #expect(reading.error?.status.code == 431)
    }

    @Test func `refuses a body that announces too much before any of it`() {
        let limits = HTTPLimits(bodyBytesMax: 5)
        let fits = HTTPReading(httpPost("Content-Length: 5\r\n", body: "hello"), limits: limits)
        #expect(fits.endCount == 1)
        let reading = HTTPReading(httpPost("Content-Length: 6\r\n", body: "hello!"), limits: limits)
        #expect(reading.error == .bodyTooLarge)
        #expect(reading.error?.status.code == 413)
        #expect(reading.body.isEmpty)
        #expect(
            HTTPReading(httpPost("Content-Length: 9223372036854775807\r\n")).error == .bodyTooLarge)
    }

    @Test func `refuses the chunk that makes a body too large`() {
        let limits = HTTPLimits(bodyBytesMax: 5)
        let chunked = "Transfer-Encoding: chunked\r\n"
        let fits = HTTPReading(
            httpPost(chunked, body: "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), limits: limits)
        #expect(fits.endCount == 1)
        let reading = HTTPReading(httpPost(chunked, body: "3\r\nhel\r\n3\r\nlo!"), limits: limits)
        #expect(reading.error == .bodyTooLarge)
        #expect(reading.body == Array("hel".utf8))
        #expect(
            HTTPReading(httpPost(chunked, body: "FFFFFFFFFFFFFFF\r\n")).error == .bodyTooLarge)
    }

    @Test func `lets the owner set the bound of one body`() throws {
        var parser = HTTPRequestParser(limits: HTTPLimits(bodyBytesMax: 1))
        let text = httpPost("Content-Length: 2\r\n", body: "ab")
        parser.append(Array((text + text).utf8).span)
        _ = try parser.next()
        parser.bodyBytesMax = 2
        #expect(try parser.next() == .body(Array("ab".utf8)))
        #expect(try parser.next() == .end(trailers: [:]))
        _ = try parser.next()
        #expect(parser.bodyBytesMax == 1)
        #expect(throws: HTTPParseError.bodyTooLarge) { try parser.next() }
    }

    @Test func `bounds the extensions of all chunks together`() {
        let limits = HTTPLimits(chunkExtensionBytesMax: 8)
        let chunked = "Transfer-Encoding: chunked\r\n"
        let body = "1;abc\r\na\r\n1;def\r\na\r\n0"
        #expect(
            HTTPReading(httpPost(chunked, body: body + "\r\n\r\n"), limits: limits).endCount == 1)
        #expect(
            HTTPReading(httpPost(chunked, body: body + ";\r\n\r\n"), limits: limits).error
                == .invalidChunk)
        #expect(
            HTTPReading(httpPost(chunked, body: "1;" + String(repeating: "a", count: 1100))).error
                == .invalidChunk)
    }

    @Test func `bounds the trailers`() {
        let chunked = "Transfer-Encoding: chunked\r\n"
        let many = String(repeating: "X: 1\r\n", count: 101)
        #expect(HTTPReading(httpPost(chunked, body: "0\r\n" + many)).error == .tooManyFields)
        let large = "X: " + String(repeating: "a", count: 4096)
        #expect(HTTPReading(httpPost(chunked, body: "0\r\n" + large)).error == .fieldsTooLarge)
    }
}
