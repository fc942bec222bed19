/// How the body that follows an encoded head is delimited.
public enum HTTPStreamFraming: Hashable, Sendable {
    /// No body follows.
    case none
    /// Everything goes through `HTTPChunkEncoder`.
    case chunked
    /// The bytes go out as they are, and closing the connection ends them.
    case untilClose
}

/// Writes responses as the server sends them (RFC 9112 §4 and §6).
///
/// `date`, `connection`, `content-length` and `transfer-encoding` are the encoder's: a caller that
/// gives one of them, a name that is no token, or a value with control characters has a bug, and
/// traps.
public enum HTTPResponseEncoder {
    /// Appends a whole response.
    ///
    /// The body is left out, and `content-length` kept, where the request was a HEAD; a 204 or 304
    /// has neither.
    ///
    /// - Parameters:
    ///   - version: the request's. Responses are HTTP/1.1 always, but 1.0 has to be told when the
    ///     connection stays open, 1.1 when it doesn't.
    ///   - date: the `HTTPDate` of now.
    public static func encode(
        _ response: HTTPResponse, answering method: HTTPMethod, version: HTTPVersion,
        keepAlive: Bool, date: String, into output: inout [UInt8]
    ) {
        encodeHead(
            response.status, response.headers, bodyBytes: response.body.count, version: version,
            keepAlive: keepAlive, date: date, into: &output)
        if !response.status.forbidsBody, method != .head {
            output.append(contentsOf: response.body)
        }
    }

    /// Appends the head of a response whose body of `bodyBytes` follows, unless the request was a HEAD
    /// or the status has none.
    public static func encodeHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, bodyBytes: Int, version: HTTPVersion,
        keepAlive: Bool, date: String, into output: inout [UInt8]
    ) {
        encodeHead(
            status, headers, version: version, keepAlive: keepAlive, date: date, into: &output)
        if !status.forbidsBody { append("content-length: \(bodyBytes)\r\n", to: &output) }
        append("\r\n", to: &output)
    }

    /// Appends the head of a response whose body is made while it is sent, and says how to send
    /// it: chunked to an HTTP/1.1 client, until the connection closes to an older one.
    public static func encodeStreamHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, answering method: HTTPMethod,
        version: HTTPVersion, keepAlive: Bool, date: String, into output: inout [UInt8]
    ) -> HTTPStreamFraming {
        let framing: HTTPStreamFraming =
            status.forbidsBody || method == .head
            ? .none : version == .http11 ? .chunked : .untilClose
        encodeHead(
            status, headers, version: version, keepAlive: keepAlive && framing != .untilClose,
            date: date, into: &output)
        if version == .http11, !status.forbidsBody {
            append("transfer-encoding: chunked\r\n", to: &output)
        }
        append("\r\n", to: &output)
        return framing
    }

    /// Appends the interim response that asks for the body (RFC 9110 §15.2.1).
    public static func encodeContinue(into output: inout [UInt8]) {
        append("HTTP/1.1 100 Continue\r\n\r\n", to: &output)
    }

    /// Appends the response after which the connection speaks `upgrade` (RFC 9110 §15.2.2).
    public static func encodeSwitchingProtocols(
        to upgrade: String, _ headers: HTTPHeaders, into output: inout [UInt8]
    ) {
        append("HTTP/1.1 101 Switching Protocols\r\n", to: &output)
        encodeField("connection", "upgrade", into: &output)
        encodeField("upgrade", upgrade, into: &output)
        encodeFields(headers, into: &output)
        append("\r\n", to: &output)
    }

    /// Writes everything but the field that says where the body ends, and the empty line.
    private static func encodeHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, version: HTTPVersion, keepAlive: Bool,
        date: String, into output: inout [UInt8]
    ) {
        precondition(!status.isInterim, "interim responses have encoders of their own")
        append("HTTP/1.1 \(status.code) ", to: &output)
        appendText(status.reason, to: &output)
        append("\r\n", to: &output)
        encodeField("date", date, into: &output)
        var connection: [String] = []
        // RFC 9110 §7.8: whoever sends Upgrade says so in Connection.
        if headers.first(named: "upgrade") != nil { connection.append("upgrade") }
        if !keepAlive {
            connection.append("close")
        } else if version == .http10 {
            connection.append("keep-alive")
        }
        if !connection.isEmpty {
            encodeField("connection", connection.joined(separator: ", "), into: &output)
        }
        encodeFields(headers, into: &output)
    }

    private static func encodeFields(_ headers: HTTPHeaders, into output: inout [UInt8]) {
        for field in headers {
            precondition(!isReserved(field.name), "the encoder itself writes this field")
            encodeField(field.name, field.value, into: &output)
        }
    }

    private static func encodeField(_ name: String, _ value: String, into output: inout [UInt8]) {
        precondition(
            !name.isEmpty && name.utf8.allSatisfy(HTTPGrammar.isToken), "a field name is a token")
        append(name, to: &output)
        append(": ", to: &output)
        appendText(value, to: &output)
        append("\r\n", to: &output)
    }

    private static func isReserved(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: HTTPGrammar.isEqual(name, ignoringCase: "date")
        case 10: HTTPGrammar.isEqual(name, ignoringCase: "connection")
        case 14: HTTPGrammar.isEqual(name, ignoringCase: "content-length")
        case 17: HTTPGrammar.isEqual(name, ignoringCase: "transfer-encoding")
        default: false
        }
    }

    /// What could end a line would let its author write the rest of the response.
    private static func appendText(_ text: String, to output: inout [UInt8]) {
        precondition(
            text.utf8.allSatisfy(HTTPGrammar.isText), "a header has no control characters")
        append(text, to: &output)
    }

    private static func append(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: text.utf8)
    }
}
