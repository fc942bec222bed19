/// Reads header or trailer lines up to the empty one that ends them (RFC 9112 §5).
struct HTTPFieldSection: Sendable {
    private(set) var headers = HTTPHeaders()
    private var bytesLeft: Int
    private let bytesMax: Int
    private let countMax: Int

    /// - Parameter bytesMax: the bound of all lines together, line ends included.
    init(bytesMax: Int, countMax: Int) {
        bytesLeft = bytesMax
        self.bytesMax = bytesMax
        self.countMax = countMax
    }

    /// About how many bytes of memory the lines have taken: two strings each, and their bytes.
    var heldBytes: Int { bytesMax - bytesLeft + 64 * headers.fields.count }

    /// Takes the lines that have arrived; true once the section is complete.
    mutating func read(from input: inout HTTPInputBuffer) throws(HTTPParseError) -> Bool {
        while let line = try findLine(in: &input) {
            if line.isEmpty {
                input.discard(line: line)
                return true
            }
            try append(input.bytes.span.extracting(line))
            bytesLeft -= line.count + 2
            input.discard(line: line)
        }
        return false
    }

    private func findLine(
        in input: inout HTTPInputBuffer
    ) throws(HTTPParseError) -> Range<Int>? {
        do {
            return try input.findLine(bytesMax: bytesLeft)
        } catch {
            switch error {
            case .tooLong: throw .fieldsTooLarge
            case .forbiddenByte: throw .forbiddenByte
            }
        }
    }

    private mutating func append(_ line: Span<UInt8>) throws(HTTPParseError) {
        guard line[0] != HTTPGrammar.space, line[0] != HTTPGrammar.tab else {
            throw .foldedField
        }
        var colon = 0
        while colon < line.count, HTTPGrammar.isToken(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            throw .invalidField
        }
        guard headers.fields.count < countMax else { throw .tooManyFields }
        let value = HTTPGrammar.trimming(line, (colon + 1)..<line.count)
        headers.append(
            HTTPGrammar.text(line.extracting(0..<colon)),
            HTTPGrammar.text(line.extracting(value)))
    }
}
