/// Everything of a response but its body.
public struct HTTPResponseHead: Hashable, Sendable {
    public let status: HTTPStatus
    public let version: HTTPVersion
    public let headers: HTTPHeaders

    /// Whether the connection may carry another request once this response is complete.
    public var keepsAlive: Bool { version.keepsAlive(with: headers) }

    /// The first line of a response, `version SP status SP reason` (RFC 9112 §4).
    struct StatusLine: Sendable {
        let version: HTTPVersion
        let status: HTTPStatus

        /// Reads a line that has no control characters. The space before an empty reason may be
        /// missing: many servers forget it.
        init(_ line: Span<UInt8>) throws(HTTPParseError) {
            guard line.count >= 12, line[8] == HTTPGrammar.space,
                let hundreds = HTTPGrammar.decimalDigit(line[9]), hundreds > 0,
                let tens = HTTPGrammar.decimalDigit(line[10]),
                let ones = HTTPGrammar.decimalDigit(line[11]),
                line.count == 12 || line[12] == HTTPGrammar.space
            else { throw .invalidStatusLine }
            version = try HTTPVersion(line.extracting(0..<8), orElse: .invalidStatusLine)
            let reason = line.count > 13 ? HTTPGrammar.text(line.extracting(13..<line.count)) : ""
            status = HTTPStatus(code: hundreds * 100 + tens * 10 + ones, reason: reason)
        }
    }

    init(_ line: StatusLine, _ headers: HTTPHeaders) {
        status = line.status
        version = line.version
        self.headers = headers
    }
}
