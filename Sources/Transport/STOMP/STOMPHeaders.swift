/// The headers of a frame: the bytes of their lines as they stand on the wire, searched and
/// unescaped only when asked for.
///
/// Where a header is repeated the first one counts (STOMP 1.2, Repeated Header Entries). A look-up
/// walks the lines, which for the few headers of a frame costs less than an index would.
public struct STOMPHeaders: Sendable {
    /// Whole lines, each ended by a line feed, each with a colon after a name that isn't empty and
    /// with escape sequences that `coding` knows.
    let lines: [UInt8]
    let coding: STOMPHeaderCoding

    /// Takes lines that the parser has checked.
    init(lines: [UInt8], coding: STOMPHeaderCoding) {
        self.lines = lines
        self.coding = coding
    }

    /// Headers for a frame to be sent, in this order. Any text can be a name or a value; the
    /// encoder escapes it for the version of the receiver.
    public init(_ pairs: [(name: String, value: String)]) {
        var writer = STOMPHeaderWriter(appendingTo: [], coding: .v12)
        for pair in pairs {
            writer.add(pair.name, .text(pair.value))
        }
        self.init(lines: writer.bytes, coding: .v12)
    }

    /// The value of the first header of this name; nil without one.
    public func value(of name: String) -> String? {
        valueRange(of: name).map { string($0) }
    }

    /// The text of a value at a place that was found in these headers.
    func string(_ range: Range<Int>) -> String {
        hasEscapes(range)
            ? String(decoding: text(range), as: UTF8.self)
            : STOMPBytes.text(lines.span.extracting(range))
    }

    /// The same, from `texts` where it has been met before: no memory is taken for what is said
    /// again and again.
    func string(_ range: Range<Int>, sharing texts: inout TextCache) -> String {
        hasEscapes(range) ? string(range) : texts.text(of: lines.span.extracting(range))
    }

    /// The value's UTF-8, unescaped; nil without a header of this name.
    public func bytes(of name: String) -> [UInt8]? {
        valueRange(of: name).map { text($0) }
    }

    /// Whether the first header of this name has exactly this value, compared without a copy.
    public func hasValue(_ name: String, equalTo value: Span<UInt8>) -> Bool {
        guard let range = valueRange(of: name) else { return false }
        return holds(range, value)
    }

    /// Whether the first header of this name has exactly this value.
    public func hasValue(_ name: String, equalTo value: String) -> Bool {
        hasValue(name, equalTo: value.utf8.span)
    }

    /// Whether there is a header of this name.
    public func contains(_ name: String) -> Bool {
        valueRange(of: name) != nil
    }

    /// All headers in their order, repeated ones included.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        var start = 0
        while let line = nextLine(from: &start) {
            pairs.append(
                (
                    String(decoding: text(line.name), as: UTF8.self),
                    String(decoding: text(line.value), as: UTF8.self)
                ))
        }
        return pairs
    }

    /// Writes the header lines in another coding, all but `content-length`: that is the encoder's to
    /// tell.
    func append(in target: STOMPHeaderCoding, to out: inout [UInt8]) {
        guard target != coding || contains("content-length") else {
            out.append(contentsOf: lines)
            return
        }
        var start = 0
        while let line = nextLine(from: &start) {
            if holds(line.name, "content-length".utf8.span) { continue }
            target.append(text(line.name).span, isName: true, to: &out)
            out.append(UInt8(ascii: ":"))
            target.append(text(line.value).span, isName: false, to: &out)
            out.append(UInt8(ascii: "\n"))
        }
    }

    /// The value's place in the first line of this name.
    private func valueRange(of name: String) -> Range<Int>? {
        let wanted = name.utf8.span
        guard !coding.trimsSpaces, !STOMPBytes.holdsSpecials(wanted) else {
            var start = 0
            while let line = nextLine(from: &start) {
                if holds(line.name, wanted) { return line.value }
            }
            return nil
        }
        return valueRange(ofPlain: wanted)
    }

    /// The same for a name that stands on the wire as it is: no line needs to be split that doesn't
    /// start with it.
    private func valueRange(ofPlain name: Span<UInt8>) -> Range<Int>? {
        let span = lines.span
        var start = 0
        while start &+ name.count < span.count {
            let colon = start &+ name.count
            let isMatch =
                span[colon] == UInt8(ascii: ":")
                && STOMPBytes.equal(span.extracting(start..<colon), name)
            guard let lineFeed = lineFeed(from: isMatch ? colon : start) else { return nil }
            if isMatch {
                return STOMPHeaderLine.content(colon &+ 1..<lineFeed, in: span, coding)
            }
            start = lineFeed &+ 1
        }
        return nil
    }

    private func lineFeed(from start: Int) -> Int? {
        STOMPBytes.firstIndex(
            of: UInt8(ascii: "\n"), in: lines.span, range: start..<lines.count)
    }

    /// The next line from `start` on, which moves behind it; nil at the end.
    func nextLine(from start: inout Int) -> STOMPHeaderLine? {
        guard let lineFeed = lineFeed(from: start) else { return nil }
        defer { start = lineFeed &+ 1 }
        let content = STOMPHeaderLine.content(start..<lineFeed, in: lines.span, coding)
        return STOMPHeaderLine(content, in: lines.span, coding)
    }

    /// Whether a range, unescaped, is this text. An escape sequence only ever makes text longer.
    private func holds(_ range: Range<Int>, _ text: Span<UInt8>) -> Bool {
        if range.count == text.count {
            return STOMPBytes.equal(lines.span.extracting(range), text) && !hasEscapes(range)
        }
        guard range.count > text.count, range.count <= 2 * text.count, hasEscapes(range) else {
            return false
        }
        return STOMPBytes.equal(self.text(range).span, text)
    }

    private func hasEscapes(_ range: Range<Int>) -> Bool {
        coding.escapes
            && STOMPBytes.firstIndex(of: UInt8(ascii: "\\"), in: lines.span, range: range) != nil
    }

    private func text(_ range: Range<Int>) -> [UInt8] {
        guard hasEscapes(range) else { return STOMPBytes.copy(lines.span.extracting(range)) }
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            if lines[index] == UInt8(ascii: "\\") {
                guard let byte = coding.unescaped(lines[index + 1]) else {
                    preconditionFailure("The parser lets no undefined escape sequence through.")
                }
                text.append(byte)
                index += 2
            } else {
                text.append(lines[index])
                index += 1
            }
        }
        return text
    }
}
