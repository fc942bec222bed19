/// Writes event streams (WHATWG HTML, "Server-sent events").
///
/// A stream is text in UTF-8: clients put U+FFFD in the place of what isn't.
public enum EventStreamEncoder {
    /// Appends one event.
    ///
    /// - Parameters:
    ///   - name: what clients listen for; without line ends.
    ///   - id: what a client that comes back has seen last, without line ends and NUL; nil leaves
    ///     what it has seen as it is.
    ///   - retryMs: when a client whose connection ends comes back, from here on; nil leaves it.
    ///   - data: one `data` line for each of its lines, whichever way they end. Clients put line
    ///     feeds between.
    public static func event(
        _ name: String, id: String? = nil, retryMs: Int64? = nil, data: [UInt8],
        into output: inout [UInt8]
    ) {
        appendLine("event", name, to: &output)
        if let id { appendLine("id", id, to: &output) }
        if let retryMs { appendLine("retry", String(retryMs), to: &output) }
        append(data: data.span, to: &output)
        output.append(lineFeed)
    }

    /// Appends a line that clients ignore: it keeps the connection in use. No empty line follows, which
    /// ends an event, even one of nothing to some clients.
    public static func comment(into output: inout [UInt8]) {
        output.append(contentsOf: ":\n".utf8)
    }

    /// Appends the `data` lines of an event.
    static func append(data: Span<UInt8>, to output: inout [UInt8]) {
        var start = 0
        while true {
            var end = start
            while end < data.count, !isLineEnd(data[end]) { end += 1 }
            output.append(contentsOf: "data: ".utf8)
            STOMPBytes.append(data.extracting(start..<end), to: &output)
            output.append(lineFeed)
            guard end < data.count else { return }
            // A carriage return and a line feed end one line together.
            let isPair =
                data[end] == carriageReturn && end + 1 < data.count && data[end + 1] == lineFeed
            start = end + (isPair ? 2 : 1)
        }
    }

    static func isLineEnd(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

    private static func appendLine(_ field: String, _ value: String, to output: inout [UInt8]) {
        precondition(
            value.utf8.allSatisfy { !isLineEnd($0) && $0 != 0 }, "a field is one line of text")
        output.append(contentsOf: "\(field): \(value)\n".utf8)
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
}
