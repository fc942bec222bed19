/// The first line of a request: `method SP request-target SP HTTP-version` (RFC 9112 §3).
struct HTTPRequestLine: Sendable {
    let method: HTTPMethod
    let target: HTTPRequestTarget
    let version: HTTPVersion

    /// Reads a line that has no control characters. A version we don't speak is told before
    /// anything else: its lines may be of any shape.
    init(_ line: Span<UInt8>, targetBytesMax: Int) throws(HTTPParseError) {
        var methodEnd = 0
        while methodEnd < line.count, HTTPGrammar.isToken(line[methodEnd]) { methodEnd += 1 }
        var targetEnd = methodEnd + 1
        while targetEnd < line.count, line[targetEnd] != HTTPGrammar.space { targetEnd += 1 }
        guard methodEnd > 0, targetEnd < line.count, line[methodEnd] == HTTPGrammar.space else {
            throw .invalidRequestLine
        }
        version = try HTTPVersion(
            line.extracting((targetEnd + 1)..<line.count), orElse: .invalidRequestLine)
        method = HTTPMethod(rawValue: HTTPGrammar.text(line.extracting(0..<methodEnd)))
        guard targetEnd - methodEnd - 1 <= targetBytesMax else { throw .targetTooLong }
        target = try HTTPRequestTarget(
            line.extracting((methodEnd + 1)..<targetEnd), method: method)
    }
}
