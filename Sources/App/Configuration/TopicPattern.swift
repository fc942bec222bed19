/// A pattern of names whose segments are separated by `.` or `/`: `*` stands for any one segment,
/// `**` at the end for whatever follows, be it nothing.
struct TopicPattern: Hashable, Sendable, CustomStringConvertible {
    let text: String
    private let segments: [Segment]
    private let takesRest: Bool

    private enum Segment: Hashable {
        case any
        case exactly(Substring)
    }

    /// Nil where a segment is empty, `**` is not the last, or a star is only part of a segment.
    init?(_ text: String) {
        var segments: [Segment] = []
        var words = Self.split(text)
        takesRest = words.last == "**"
        if takesRest { words.removeLast() }
        for word in words {
            guard !word.isEmpty else { return nil }
            if word.contains("*"), word != "*" { return nil }
            segments.append(word == "*" ? .any : .exactly(word))
        }
        self.text = text
        self.segments = segments
    }

    /// Whether the whole of `name` fits. A name with an empty segment fits `**` alone.
    func matches(_ name: String) -> Bool {
        let words = Self.split(name)
        guard takesRest ? words.count >= segments.count : words.count == segments.count else {
            return false
        }
        return zip(segments, words).allSatisfy { segment, word in
            switch segment {
            case .any: !word.isEmpty
            case .exactly(let expected): expected == word
            }
        }
    }

    var description: String { text }

    private static func split(_ text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }
    }
}
