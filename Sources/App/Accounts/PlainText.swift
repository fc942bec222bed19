import Foundation

/// What people write into fields that others read: trimmed, composed, bounded in characters and in
/// bytes, without what could make one text look like another or break a line.
struct PlainText: Hashable, Sendable {
    let text: String

    /// Nil unless the trimmed text has a number of characters in `characters`. Bytes bound what is
    /// made of many combining marks: eight for each character allowed.
    init?(_ input: String, characters: ClosedRange<Int>, allowsLines: Bool = false) {
        let bytesMax = 8 * characters.upperBound
        guard input.utf8.count <= 4 * bytesMax else { return nil }
        let text = input.trimmingCharacters(in: .whitespacesAndNewlines)
            .precomposedStringWithCanonicalMapping
        guard text.utf8.count <= bytesMax, characters.contains(text.count),
            !text.unicodeScalars.contains(where: { scalar in
                scalar.isInvisible && !(allowsLines && scalar == "\n")
            }),
            text.isEmpty
                || text.unicodeScalars.contains(where: { $0.properties.generalCategory != .format })
        else { return nil }
        self.text = text
    }
}

extension Unicode.Scalar {
    /// True for what could make a name look like another one or break a line: controls, line and
    /// paragraph separators, and the bidirectional embeddings and isolates (UAX #9 §2).
    var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value)
        }
    }
}
