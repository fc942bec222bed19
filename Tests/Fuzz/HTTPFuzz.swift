import Transport

/// Both sides of HTTP/1.1: every input is read as a server reads requests, and as a client reads
/// responses.
struct HTTPFuzz: FuzzTarget {
    static let name = "http"

    static let corpus: [[UInt8]] = [
        "GET /a/b?c=d&e=%20f+g HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nCookie: k=v; l=w\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /%41 HTTP/1.0\r\n\r\n",
        "GET http://[::1]:80/x?y HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n",
        "\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            + "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0a;n=\"v\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
        "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\u{1}\0",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n",
        "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the connection ends",
    ].map { Array($0.utf8) }

    /// Small, so that mutations reach them.
    private static let limits = HTTPLimits(
        targetBytesMax: 64, headBytesMax: 512, headerCountMax: 8, bodyBytesMax: 256,
        chunkExtensionBytesMax: 16, trailerBytesMax: 64)

    static func run(_ input: [UInt8], chunkSizes: [Int]) -> String {
        """
        requests:
        \(readRequests(input, chunkSizes: chunkSizes))
        responses:
        \(readResponses(input, chunkSizes: chunkSizes))
        """
    }

    private static func readRequests(_ input: [UInt8], chunkSizes: [Int]) -> String {
        var parser = HTTPRequestParser(limits: limits)
        var transcript = Transcript()
        var start = 0
        for size in chunkSizes {
            parser.append(input.span.extracting(start..<(start + size)))
            start += size
            do {
                while let event = try parser.next() {
                    switch event {
                    case .head(let head):
                        check(head)
                        transcript.head("\(head)", framing: head.framing)
                    case .body(let bytes): transcript.body(bytes)
                    case .end(let trailers): transcript.end("\(trailers.fields)")
                    }
                }
            } catch {
                precondition(parser.bufferedByteCount == 0 && !parser.isIdle, "kept bytes")
                precondition(throwsAgain(&parser) == error, "forgot its error")
                return transcript.text + "\(error) \(error.status)"
            }
            precondition(
                !parser.isIdle || (!transcript.isInMessage && parser.bufferedByteCount == 0),
                "is idle within a request")
        }
        return transcript.text + "\(parser.bufferedByteCount) bytes wait"
    }

    private static func readResponses(_ input: [UInt8], chunkSizes: [Int]) -> String {
        var parser = HTTPResponseParser(limits: limits)
        var transcript = Transcript()
        var start = 0
        do {
            for size in chunkSizes {
                parser.append(input.span.extracting(start..<(start + size)))
                start += size
                while let event = try parser.next() { transcript.add(event) }
            }
            if let event = try parser.finish() { transcript.add(event) }
        } catch {
            return transcript.text + "\(error)"
        }
        return transcript.text
    }

    private static func throwsAgain(_ parser: inout HTTPRequestParser) -> HTTPParseError? {
        do {
            _ = try parser.next()
            return nil
        } catch {
            return error
        }
    }

    /// What every request that is let through must be.
    private static func check(_ head: HTTPRequestHead) {
        precondition(head.target.utf8.count <= limits.targetBytesMax, "target too long")
        precondition(head.headers.fields.count <= limits.headerCountMax + 1, "too many headers")
        precondition(head.path == "*" || head.path.hasPrefix("/"), "path without a root")
        precondition(
            head.path.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "control character in path")
        precondition(
            !head.path.split(separator: "/").contains { $0 == "." || $0 == ".." }, "dot segment")
        for field in head.headers {
            precondition(
                field.value.utf8.allSatisfy { $0 == 9 || ($0 >= 0x20 && $0 != 0x7f) },
                "control character in a header")
        }
        precondition(
            head.headers.first(named: "content-length") == nil
                || head.headers.first(named: "transfer-encoding") == nil, "ambiguous length")
        _ = head.cookies
    }

    /// The events in words, pieces of a body joined.
    private struct Transcript {
        private(set) var text = ""
        private(set) var isInMessage = false
        private var framing = HTTPBodyFraming.none
        private var body: [UInt8] = []

        mutating func head(_ description: String, framing: HTTPBodyFraming) {
            precondition(!isInMessage, "a head within a message")
            isInMessage = true
            self.framing = framing
            text += "head \(description)\n"
        }

        mutating func body(_ bytes: [UInt8]) {
            precondition(isInMessage && !bytes.isEmpty, "a body piece out of place")
            body += bytes
            precondition(body.count <= limits.bodyBytesMax, "body too large")
        }

        mutating func end(_ trailers: String) {
            precondition(isInMessage, "an end without a head")
            isInMessage = false
            switch framing {
            case .none: precondition(body.isEmpty, "a body nobody announced")
            case .length(let count): precondition(body.count == count, "a body of another length")
            case .chunked: break
            }
            text += "body \(String(decoding: body, as: UTF8.self))\nend \(trailers)\n"
            body = []
        }

        mutating func add(_ event: HTTPResponseEvent) {
            switch event {
            case .head(let head): self.head("\(head)", framing: .chunked)
            case .body(let bytes): body(bytes)
            case .end(let trailers): end("\(trailers.fields)")
            }
        }
    }
}
