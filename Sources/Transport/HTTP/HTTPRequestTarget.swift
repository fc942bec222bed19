/// What a request-target says: origin-form, absolute-form, or the `*` of OPTIONS
/// (RFC 9112 §3.2). Nobody may CONNECT through this server, so authority-form is refused.
struct HTTPRequestTarget: Sendable {
    /// As received.
    let text: String
    /// The path as received, without the query.
    let rawPath: String
    /// The path, percent-decoded once.
    let path: String
    let query: [HTTPQueryItem]
    /// Host and port of the absolute-form.
    let authority: String?

    init(_ bytes: Span<UInt8>, method: HTTPMethod) throws(HTTPParseError) {
        for index in bytes.indices where !HTTPGrammar.isTarget(bytes[index]) {
            throw .invalidTarget
        }
        text = HTTPGrammar.text(bytes)
        if bytes.count == 1, bytes[0] == UInt8(ascii: "*"), method == .options {
            rawPath = text
            path = text
            query = []
            authority = nil
            return
        }
        guard bytes.count > 0 else { throw .invalidTarget }

        let pathStart: Int
        if bytes[0] == UInt8(ascii: "/") {
            authority = nil
            pathStart = 0
        } else {
            let range = try Self.authority(of: bytes)
            authority = HTTPGrammar.text(bytes.extracting(range))
            pathStart = range.upperBound
        }
        let pathEnd = Self.index(of: UInt8(ascii: "?"), in: bytes, from: pathStart)

        if pathStart == 0, pathEnd == bytes.count {
            rawPath = text
        } else if pathStart == pathEnd {
            rawPath = "/"
        } else {
            rawPath = HTTPGrammar.text(bytes.extracting(pathStart..<pathEnd))
        }
        path = try Self.decodedPath(rawPath, bytes.extracting(pathStart..<pathEnd))
        query =
            pathEnd < bytes.count
            ? try Self.queryItems(bytes.extracting((pathEnd + 1)..<bytes.count)) : []
    }

    /// Where host and port lie in `http://host:port/…`.
    private static func authority(of bytes: Span<UInt8>) throws(HTTPParseError) -> Range<Int> {
        let schemeEnd = index(of: UInt8(ascii: ":"), in: bytes, from: 0)
        let scheme = HTTPGrammar.text(bytes.extracting(0..<schemeEnd))
        let start = schemeEnd + 3
        guard
            HTTPGrammar.isEqual(scheme, ignoringCase: "http")
                || HTTPGrammar.isEqual(scheme, ignoringCase: "https"),
            start < bytes.count,
            bytes[start - 2] == UInt8(ascii: "/"), bytes[start - 1] == UInt8(ascii: "/")
        else { throw .invalidTarget }
        let end = min(
            index(of: UInt8(ascii: "/"), in: bytes, from: start),
            index(of: UInt8(ascii: "?"), in: bytes, from: start))
        guard start < end, bytes[start] != UInt8(ascii: ":"),
            HTTPGrammar.isHost(bytes.extracting(start..<end))
        else { throw .invalidTarget }
        return start..<end
    }

    /// Decodes a path, and refuses one that a file system or a log could take for something else:
    /// control characters, and the segments `.` and `..` (clients resolve them before they ask),
    /// however they are spelled.
    private static func decodedPath(
        _ raw: String, _ bytes: Span<UInt8>
    ) throws(HTTPParseError) -> String {
        guard index(of: UInt8(ascii: "%"), in: bytes, from: 0) < bytes.count else {
            guard !hasDotSegment(bytes) else { throw .invalidTarget }
            return raw
        }
        guard let decoded = PercentCoding.decode(bytes),
            decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
            !hasDotSegment(decoded.span),
            let path = HTTPGrammar.utf8Text(decoded.span)
        else { throw .invalidTarget }
        return path
    }

    private static func hasDotSegment(_ path: Span<UInt8>) -> Bool {
        var start = 0
        while start < path.count {
            let end = index(of: UInt8(ascii: "/"), in: path, from: start)
            let length = end - start
            if length == 1 || length == 2, path[start] == UInt8(ascii: "."),
                path[end - 1] == UInt8(ascii: ".")
            {
                return true
            }
            start = end + 1
        }
        return false
    }

    /// Queries are what browsers make of forms and of `URLSearchParams`: form-encoded.
    private static func queryItems(_ bytes: Span<UInt8>) throws(HTTPParseError) -> [HTTPQueryItem] {
        do {
            return try FormURLEncoded.parse(bytes, fieldCountMax: bytes.count)
                .map { HTTPQueryItem(name: $0.name, value: $0.value) }
        } catch {
            throw .invalidTarget
        }
    }

    /// The first place of `byte` at or after `start`, or the end.
    private static func index(of byte: UInt8, in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] != byte { index += 1 }
        return index
    }
}
