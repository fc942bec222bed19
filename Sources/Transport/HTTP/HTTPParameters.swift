/// A header's value with parameters: `form-data; name="a"; filename="b c.png"` (RFC 9110 §5.6.6).
struct HTTPParameters: Hashable, Sendable {
    /// What stands before the first semicolon, in lower case.
    let value: String
    /// By name, in lower case.
    private var parameters: [String: String] = [:]

    /// Nil where the text has another form, or names a parameter twice.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let span = bytes.span
        var place = 0
        while place < span.count, span[place] != UInt8(ascii: ";") { place += 1 }
        value = HTTPGrammar.text(
            span.extracting(HTTPGrammar.trimming(span, 0..<place))
        ).lowercased()
        while place < span.count {
            place += 1  // the semicolon
            Self.skipSpace(span, &place)
            let nameStart = place
            while place < span.count, HTTPGrammar.isToken(span[place]) { place += 1 }
            let name = HTTPGrammar.text(span.extracting(nameStart..<place)).lowercased()
            // A semicolon with nothing behind it is no harm.
            if name.isEmpty, place == span.count || span[place] == UInt8(ascii: ";") { continue }
            guard !name.isEmpty, place < span.count, span[place] == UInt8(ascii: "=") else {
                return nil
            }
            place += 1
            guard let value = Self.value(span, &place), parameters[name] == nil else { return nil }
            parameters[name] = value
            Self.skipSpace(span, &place)
            guard place == span.count || span[place] == UInt8(ascii: ";") else { return nil }
        }
    }

    subscript(_ name: String) -> String? { parameters[name] }

    private static func skipSpace(_ bytes: Span<UInt8>, _ place: inout Int) {
        while place < bytes.count,
            bytes[place] == HTTPGrammar.space || bytes[place] == HTTPGrammar.tab
        {
            place += 1
        }
    }

    /// A token or a quoted string. Of escapes only those of the quote and of the backslash are known:
    /// some browsers write the backslashes of a path as they are.
    private static func value(_ bytes: Span<UInt8>, _ place: inout Int) -> String? {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
            let start = place
            while place < bytes.count, HTTPGrammar.isToken(bytes[place]) { place += 1 }
            return place > start ? HTTPGrammar.text(bytes.extracting(start..<place)) : nil
        }
        place += 1
        var text: [UInt8] = []
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
            if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count,
                bytes[place + 1] == UInt8(ascii: "\"") || bytes[place + 1] == UInt8(ascii: "\\")
            {
                place += 1
            }
            text.append(bytes[place])
            place += 1
        }
        guard place < bytes.count else { return nil }
        place += 1
        return HTTPGrammar.text(text.span)
    }
}
