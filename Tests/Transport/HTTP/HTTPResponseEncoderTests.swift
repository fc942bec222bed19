import Testing
import Transport

struct HTTPResponseEncoderTests {
    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"

    private func encoded(
        _ response: HTTPResponse, answering method: HTTPMethod = .get,
        version: HTTPVersion = .http11, keepAlive: Bool = true
    ) -> String {
        var output: [UInt8] = []
        HTTPResponseEncoder.encode(
            response, answering: method, version: version, keepAlive: keepAlive, date: Self.date,
            into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `writes status, date, headers, length and body`() {
        let response = HTTPResponse(
            status: .ok, headers: ["content-type": "text/plain"], body: Array("hello".utf8))
        #expect(
            encoded(response) == """
                HTTP/1.1 200 OK\r
                date: \(Self.date)\r
                content-type: text/plain\r
                content-length: 5\r
                \r
                hello
                """)
    }

    @Test func `tells the length of an empty body`() {
        #expect(encoded(HTTPResponse(status: .notFound)).contains("\r\ncontent-length: 0\r\n"))
    }

    @Test func `answers HEAD with the length and without the body`() {
        let text = encoded(
            HTTPResponse(status: .ok, body: Array("hello".utf8)), answering: .head)
        #expect(text.hasSuffix("\r\ncontent-length: 5\r\n\r\n"))
    }

    @Test(arguments: [HTTPStatus.noContent, .notModified])
    func `gives neither length nor body to a status without one`(status: HTTPStatus) {
        let text = encoded(HTTPResponse(status: status, body: Array("hello".utf8)))
        #expect(!text.contains("content-length"))
        #expect(text.hasSuffix("GMT\r\n\r\n"))
    }

    @Test(arguments: [
        (HTTPVersion.http11, true, nil), (.http11, false, "close"), (.http10, true, "keep-alive"),
        (.http10, false, "close"),
    ])
    func `says what becomes of the connection where the version needs it`(
        version: HTTPVersion, keepAlive: Bool, connection: String?
    ) throws {
        let text = encoded(HTTPResponse(status: .ok), version: version, keepAlive: keepAlive)
        let head = try #require(HTTPResponseReading(text).heads.first)
        #expect(head.headers.first(named: "connection") == connection)
    }

    @Test func `chunks a stream for 1.1`() throws {
        var output: [UInt8] = []
        let framing = HTTPResponseEncoder.encodeStreamHead(
            .ok, ["content-type": "text/event-stream"], answering: .get, version: .http11,
            keepAlive: true, date: Self.date, into: &output)
        #expect(framing == .chunked)
        HTTPChunkEncoder.encode(Array("data: 1\n\n".utf8), into: &output)
        HTTPChunkEncoder.encode([], into: &output)
        HTTPChunkEncoder.encode([UInt8](repeating: 97, count: 300).span, into: &output)
        HTTPChunkEncoder.finish(into: &output)

        let reading = HTTPResponseReading(output)
        #expect(reading.heads.first?.headers.first(named: "transfer-encoding") == "chunked")
        #expect(reading.body == Array("data: 1\n\n".utf8) + [UInt8](repeating: 97, count: 300))
        #expect(reading.isComplete)
    }

    @Test func `ends a stream for 1.0 with the connection`() throws {
        var output: [UInt8] = []
        let framing = HTTPResponseEncoder.encodeStreamHead(
            .ok, [:], answering: .get, version: .http10, keepAlive: true, date: Self.date,
            into: &output)
        #expect(framing == .untilClose)
        let head = try #require(HTTPResponseReading(output).heads.first)
        #expect(head.headers.first(named: "transfer-encoding") == nil)
        #expect(head.headers.first(named: "connection") == "close")
    }

    @Test func `streams nothing to HEAD and where there can be no body`() {
        var output: [UInt8] = []
        for (status, method) in [(HTTPStatus.ok, HTTPMethod.head), (.notModified, .get)] {
            let framing = HTTPResponseEncoder.encodeStreamHead(
                status, [:], answering: method, version: .http11, keepAlive: true, date: Self.date,
                into: &output)
            #expect(framing == .none)
        }
    }

    @Test func `writes the interim responses`() {
        var output: [UInt8] = []
        HTTPResponseEncoder.encodeContinue(into: &output)
        HTTPResponseEncoder.encodeSwitchingProtocols(
            to: "websocket", ["sec-websocket-accept": "abc="], into: &output)
        #expect(
            String(decoding: output, as: UTF8.self) == """
                HTTP/1.1 100 Continue\r
                \r
                HTTP/1.1 101 Switching Protocols\r
                connection: upgrade\r
                upgrade: websocket\r
                sec-websocket-accept: abc=\r
                \r

                """)
    }

    @Test func `traps on a value that could end the line`() async {
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            HTTPResponseEncoder.encode(
                HTTPResponse(status: .ok, headers: ["location": "/\r\nset-cookie: a=b"]),
                answering: .get, version: .http11, keepAlive: true, date: "", into: &output)
        }
    }

    @Test func `traps on a second length`() async {
        await #expect(processExitsWith: .failure) {
            var output: [UInt8] = []
            HTTPResponseEncoder.encode(
                HTTPResponse(status: .ok, headers: ["Content-Length": "5"]), answering: .get,
                version: .http11, keepAlive: true, date: "", into: &output)
        }
    }

    @Test(arguments: [1, 2, 7, 4096])
    func `is read back by the client's parser`(chunkBytes: Int) throws {
        let responses = [
            HTTPResponse(status: .created, headers: ["x": "멍"], body: [UInt8](0...255)),
            HTTPResponse(status: .noContent), HTTPResponse(status: .tooManyRequests),
            HTTPResponse(
                status: HTTPStatus(code: 299, reason: ""), headers: ["set-cookie": "a=1"],
                body: Array("\r\n\r\n".utf8)),
        ]
        var output: [UInt8] = []
        for response in responses {
            HTTPResponseEncoder.encode(
                response, answering: .get, version: .http11, keepAlive: true, date: Self.date,
                into: &output)
        }
        let reading = HTTPResponseReading(output, chunkBytes: chunkBytes)
        #expect(reading.isComplete)
        #expect(reading.heads.map(\.status) == responses.map(\.status))
        #expect(reading.heads.map(\.status.reason) == responses.map(\.status.reason))
        #expect(reading.heads.first?.headers.first(named: "x") == "멍")
        #expect(reading.body == responses.flatMap(\.body))
    }
}
