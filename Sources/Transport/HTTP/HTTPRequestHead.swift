/// Everything of a request but its body, checked.
public struct HTTPRequestHead: Hashable, Sendable {
    public let method: HTTPMethod
    /// The request-target as received.
    public let target: String
    /// The target's path, percent-decoded, without dot segments and control characters; `*` for
    /// `OPTIONS *`. An encoded slash has become one too: where that matters, see `rawPath`.
    public let path: String
    /// The target's path as received.
    public let rawPath: String
    /// The target's query in order, decoded as a form's (`+` is a space).
    public let query: [HTTPQueryItem]
    public let version: HTTPVersion
    /// As received, but for `Host`: where the target names a host it is that one
    /// (RFC 9112 §3.2.2).
    public let headers: HTTPHeaders
    /// Whether the connection may carry another request after this one's response.
    public let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    public let expectsContinue: Bool
    public let framing: HTTPBodyFraming

    /// Puts the parts together and checks what holds between them.
    init(_ line: HTTPRequestLine, _ received: HTTPHeaders) throws(HTTPParseError) {
        method = line.method
        target = line.target.text
        path = line.target.path
        rawPath = line.target.rawPath
        query = line.target.query
        version = line.version
        headers = try Self.headers(received, of: line)
        keepsAlive = version.keepsAlive(with: received)
        framing = try HTTPBodyFraming(of: received, version: version)
        expectsContinue = try Self.expectsContinue(received, version: version, framing: framing)
    }

    /// The values of all cookies by name, each in the order of the `Cookie` fields
    /// (RFC 6265 §4.2). Pairs without `=` are skipped; names keep their case.
    public var cookies: [String: [String]] {
        var cookies: [String: [String]] = [:]
        for value in headers.all(named: "cookie") {
            for pair in value.utf8.split(separator: UInt8(ascii: ";")) {
                let pair = Array(pair)
                guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let name = HTTPGrammar.trimming(pair.span, 0..<equals)
                let value = HTTPGrammar.trimming(pair.span, (equals + 1)..<pair.count)
                cookies[HTTPGrammar.text(pair.span.extracting(name)), default: []]
                    .append(HTTPGrammar.text(pair.span.extracting(value)))
            }
        }
        return cookies
    }

    private static func headers(
        _ received: HTTPHeaders, of line: HTTPRequestLine
    ) throws(HTTPParseError) -> HTTPHeaders {
        let hosts = received.all(named: "host")
        switch line.version {
        case .http11: guard hosts.count == 1 else { throw .invalidHost }
        case .http10: guard hosts.count <= 1 else { throw .invalidHost }
        }
        for host in hosts {
            guard HTTPGrammar.isHost(Array(host.utf8).span) else { throw .invalidHost }
        }
        guard let authority = line.target.authority else { return received }
        var headers = received
        headers.set("Host", authority)
        return headers
    }

    /// An expectation in HTTP/1.0 is ignored, as is one where no body can follow.
    private static func expectsContinue(
        _ headers: HTTPHeaders, version: HTTPVersion, framing: HTTPBodyFraming
    ) throws(HTTPParseError) -> Bool {
        let expectations = headers.all(named: "expect")
        guard !expectations.isEmpty, version == .http11 else { return false }
        for expectation in expectations {
            guard HTTPGrammar.isEqual(expectation, ignoringCase: "100-continue") else {
                throw .unsupportedExpectation
            }
        }
        switch framing {
        case .none: return false
        case .length(let count): return count > 0
        case .chunked: return true
        }
    }
}
