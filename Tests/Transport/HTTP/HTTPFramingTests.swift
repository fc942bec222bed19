import Testing
import Transport

/// Every way known to us to make a proxy and this server disagree about where a request ends.
struct HTTPFramingTests {
    private static let smuggled = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: x\r\n",
        "Transfer-Encoding: identity\r\nContent-Length: 6\r\n",
    ])
    func `refuses a length beside a transfer coding`(fields: String) {
        let reading = HTTPReading(httpPost(fields, body: Self.smuggled))
        #expect(reading.error == .invalidTransferEncoding)
        #expect(reading.error?.status.code == 400)
        #expect(reading.events.isEmpty)
    }

    @Test(arguments: [
        "chunked, identity", "chunked, chunked", "chunked,", ",chunked", "", ",",
        "\"chunked\", chunked",
        "chunked\r\nTransfer-Encoding: identity", "chunked\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding:",
    ])
    func `refuses a transfer coding that doesn't end in one chunked`(value: String) {
        let reading = HTTPReading(httpPost("Transfer-Encoding: \(value)\r\n", body: Self.smuggled))
        #expect(reading.error?.status.code == (value.hasPrefix("\"") ? 501 : 400))
        #expect(reading.events.isEmpty)
    }

    @Test(arguments: [
        "xchunked", "chunkedx", "gzip", "gzip, chunked", "identity", "chunked;q=1", "x chunked",
        "chunked chunked", "\"chunked\"", "'chunked'", "gzip\r\nTransfer-Encoding: chunked",
    ])
    func `does not know other transfer codings`(value: String) {
        let reading = HTTPReading(httpPost("Transfer-Encoding: \(value)\r\n", body: Self.smuggled))
        #expect(reading.error == .unsupportedTransferCoding)
        #expect(reading.error?.status.code == 501)
        #expect(reading.events.isEmpty)
    }

    @Test(arguments: [
        "Transfer-Encoding : chunked", " Transfer-Encoding: chunked", "Transfer-Encoding\t:chunked",
        "X: y\r\n Transfer-Encoding: chunked", "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: chunked\u{c}", "Transfer-Encoding: chunked\0",
        "X: y\rTransfer-Encoding: chunked", "X: y\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked", "Transfer-Encoding", "Transfer_Encoding\u{a0}: chunked",
    ])
    func `refuses a transfer coding in disguise`(line: String) {
        let reading = HTTPReading(
            httpPost("\(line)\r\nContent-Length: 6\r\n", body: Self.smuggled))
        #expect(reading.error?.status.code == 400)
        #expect(reading.events.isEmpty)
    }

    @Test(arguments: ["chunked", "CHUNKED", "\tchunked", "chunked \t"])
    func `takes a chunked body`(value: String) {
        let reading = HTTPReading(
            httpPost("Transfer-Encoding:\(value)\r\n", body: "1\r\na\r\n0\r\n\r\n"))
        #expect(reading.body == Array("a".utf8))
        #expect(reading.endCount == 1)
    }

    @Test func `refuses transfer codings in HTTP 1.0`() {
        let reading = HTTPReading(
            httpPost("Transfer-Encoding: chunked\r\n", body: Self.smuggled, version: "HTTP/1.0"))
        #expect(reading.error == .invalidTransferEncoding)
    }

    @Test(arguments: [
        "+5", "-5", "-0", "5, 5", "5,6", "5,", ",5", "", "5 5", "5\t5", "0x5", "5.0", "5e0", "five",
        "\"5\"", "٥", "9223372036854775808", "18446744073709551621", "99999999999999999999999",
        "5\r\nContent-Length: 5", "5\r\nContent-Length: 6", "5\r\nContent-Length:",
    ])
    func `refuses a length that isn't one plain number`(value: String) {
        let reading = HTTPReading(httpPost("Content-Length: \(value)\r\n", body: "hello"))
        #expect(reading.error == .invalidContentLength)
        #expect(reading.error?.status.code == 400)
        #expect(reading.events.isEmpty)
    }

    @Test(arguments: ["5", "\t5", "5 \t", "0000000000000000000000005"])
    func `takes a length with white space around it`(value: String) {
        #expect(
            HTTPReading(httpPost("Content-Length:\(value)\r\n", body: "hello")).body
                == Array("hello".utf8))
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "-1\r\n", "+1\r\n", " 1\r\n", "1 \r\n", "1 ;a\r\n", "0x1\r\n", "1,2\r\n",
        "1000000000000000\r\n", "0000000000000001\r\n", "FFFFFFFFFFFFFFFF\r\n",
        "1\ra\r\n", "1\na\n", "1;a\nb\r\n", "1;\0\r\n", "1\r\nab\r\n", "1\r\na\n0\r\n\r\n",
        "1\r\na\r0\r\n\r\n", "1\r\na0\r\n\r\n", "0\r\nX\r\n\r\n", "0\r\n X: 1\r\n\r\n",
        "0\r\nX : 1\r\n\r\n", "0\r\nX: \0\r\n\r\n", "0\r\n\n",
    ])
    func `refuses chunks that do not add up`(body: String) {
        let reading = HTTPReading(httpPost("Transfer-Encoding: chunked\r\n", body: body))
        #expect(reading.error?.status.code == 400)
        #expect(reading.endCount == 0)
    }

    @Test func `gives a body to any method`() {
        let reading = HTTPReading(httpGet(fields: "Content-Length: 2\r\n") + "hi")
        #expect(reading.body == Array("hi".utf8))
    }
}
