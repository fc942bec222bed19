import Transport

/// A request of ours.
struct HTTPRequest: Sendable {
    let method: String
    let path: String
    var headers: [DialogueTask.Header] = []
    /// Nil: none, and no word of its length.
    var body: [UInt8]?

    /// Appends it as HTTP/1.1.
    func encode(authority: String, into output: inout [UInt8]) {
        output += "\(method) \(path) HTTP/1.1\r\nHost: \(authority)\r\n".utf8
        for header in headers { output += "\(header.name): \(header.value)\r\n".utf8 }
        if let body { output += "Content-Length: \(body.count)\r\n".utf8 }
        output += "\r\n".utf8
        if let body { output += body }
    }
}

/// The beginning of a server's answer.
enum HTTPAnswer {
    private static let headBytesMax = 65_536

    /// The head at `offset`, which then is behind it; nil while it is not all there.
    static func head(
        in bytes: Span<UInt8>, _ offset: inout Int
    ) throws(ClientFailure) -> HTTPResponseHead? {
        var lineStart = offset
        while let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n"), from: lineStart) {
            // A line of nothing but its end.
            if lineEnd - lineStart <= 1, lineStart > offset {
                var parser = HTTPResponseParser()
                parser.append(bytes.extracting(offset...lineEnd))
                offset = lineEnd + 1
                return try parsed(&parser)
            }
            lineStart = lineEnd + 1
        }
        guard bytes.count - offset < headBytesMax else {
            throw .brokenProtocol("an endless head")
        }
        return nil
    }

    private static func parsed(
        _ parser: inout HTTPResponseParser
    ) throws(ClientFailure) -> HTTPResponseHead? {
        do throws(HTTPParseError) {
            guard case .head(let head) = try parser.next() else { return nil }
            return head
        } catch {
            throw .brokenProtocol("\(error)")
        }
    }
}
