/// The versions whose messages this codec speaks (RFC 9110 §2.5). A higher minor version of HTTP/1
/// is taken as 1.1.
public enum HTTPVersion: Hashable, Sendable {
    case http10
    case http11

    /// Whether a message of this version leaves its connection open (RFC 9112 §9.3): 1.1 unless it
    /// says `close`, 1.0 only where it says `keep-alive`.
    func keepsAlive(with headers: HTTPHeaders) -> Bool {
        let options = headers.list(named: "connection")
        if options.contains(where: { HTTPGrammar.isEqual($0, ignoringCase: "close") }) {
            return false
        }
        switch self {
        case .http11: return true
        case .http10:
            return options.contains { HTTPGrammar.isEqual($0, ignoringCase: "keep-alive") }
        }
    }

    /// Reads `HTTP/1.0` and the like; everything that is well-formed and not HTTP/1 is
    /// `.unsupportedVersion`, everything else `malformed`.
    init(_ bytes: Span<UInt8>, orElse malformed: HTTPParseError) throws(HTTPParseError) {
        guard bytes.count == 8,
            bytes[0] == UInt8(ascii: "H"), bytes[1] == UInt8(ascii: "T"),
            bytes[2] == UInt8(ascii: "T"), bytes[3] == UInt8(ascii: "P"),
            bytes[4] == UInt8(ascii: "/"), bytes[6] == UInt8(ascii: "."),
            let major = HTTPGrammar.decimalDigit(bytes[5]),
            let minor = HTTPGrammar.decimalDigit(bytes[7])
        else { throw malformed }
        guard major == 1 else { throw .unsupportedVersion }
        self = minor == 0 ? .http10 : .http11
    }
}
