/// Why a form can't be read.
public enum FormURLEncodedError: Error, Hashable, Sendable {
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8.
    case malformed
    case tooManyFields
}

/// `application/x-www-form-urlencoded` (URL Standard §5): bodies of forms, and queries.
public enum FormURLEncoded {
    /// The names and values in order, decoded. A field without `=` has an empty value; empty fields
    /// (`a&&b`) are skipped.
    public static func parse(
        _ bytes: [UInt8], fieldCountMax: Int = 256
    ) throws(FormURLEncodedError) -> [(name: String, value: String)] {
        try parse(bytes.span, fieldCountMax: fieldCountMax)
    }

    /// The same of a part of a buffer.
    static func parse(
        _ bytes: Span<UInt8>, fieldCountMax: Int
    ) throws(FormURLEncodedError) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var start = 0
        while start < bytes.count {
            var equals: Int?
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") {
                if equals == nil, bytes[end] == UInt8(ascii: "=") { equals = end }
                end += 1
            }
            if start < end {
                guard fields.count < fieldCountMax else { throw .tooManyFields }
                let nameEnd = equals ?? end
                let valueStart = equals.map { $0 + 1 } ?? end
                fields.append(
                    (
                        try text(bytes.extracting(start..<nameEnd)),
                        try text(bytes.extracting(valueStart..<end))
                    ))
            }
            start = end + 1
        }
        return fields
    }

    private static func text(_ bytes: Span<UInt8>) throws(FormURLEncodedError) -> String {
        guard let decoded = PercentCoding.decode(bytes, plusIsSpace: true),
            let text = HTTPGrammar.utf8Text(decoded.span)
        else { throw .malformed }
        return text
    }
}
