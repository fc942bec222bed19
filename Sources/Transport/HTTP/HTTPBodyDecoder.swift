/// Reads one body, in the pieces in which it arrives (RFC 9112 §6 and §7.1).
struct HTTPBodyDecoder: Sendable {
    enum Piece {
        /// Never empty.
        case bytes([UInt8])
        case end(trailers: HTTPHeaders)
    }

    private enum State {
        case length(bytesLeft: Int)
        case chunkSize
        case chunkData(bytesLeft: Int)
        case chunkReturn
        case chunkLineFeed
        case trailers(HTTPFieldSection)
        case untilClose
    }

    /// Sizes are written with at most this many digits, so that they fit an `Int`.
    private static let sizeDigitsMax = 15

    private var state: State
    /// What the body has come to so far.
    private var bodyBytes = 0
    private var extensionBytesLeft: Int
    private let limits: HTTPLimits

    /// A body that is delimited as `framing` says; with `.none` it is empty.
    init(_ framing: HTTPBodyFraming, limits: HTTPLimits) {
        switch framing {
        case .none: state = .length(bytesLeft: 0)
        case .length(let count): state = .length(bytesLeft: count)
        case .chunked: state = .chunkSize
        }
        extensionBytesLeft = limits.chunkExtensionBytesMax
        self.limits = limits
    }

    private init(_ state: State, limits: HTTPLimits) {
        self.state = state
        extensionBytesLeft = limits.chunkExtensionBytesMax
        self.limits = limits
    }

    /// A response's body that the end of the connection ends.
    static func untilClose(limits: HTTPLimits) -> Self {
        Self(.untilClose, limits: limits)
    }

    /// Whether the end of the connection is this body's proper end.
    var endsWithConnection: Bool {
        switch state {
        case .untilClose: true
        case .length, .chunkSize, .chunkData, .chunkReturn, .chunkLineFeed, .trailers: false
        }
    }

    /// The next piece; nil while more bytes are needed. Nothing comes after `.end`.
    ///
    /// A length or a chunk size that leads past `bodyBytesMax` fails before any of its data is
    /// taken; a body without either fails at the first byte too many.
    mutating func next(
        from input: inout HTTPInputBuffer, bodyBytesMax: Int
    ) throws(HTTPParseError) -> Piece? {
        while true {
            switch state {
            case .length(let bytesLeft):
                guard bytesLeft <= bodyBytesMax - bodyBytes else { throw .bodyTooLarge }
                guard bytesLeft > 0 else { return .end(trailers: HTTPHeaders()) }
                guard let bytes = take(bytesLeft, from: &input) else { return nil }
                state = .length(bytesLeft: bytesLeft - bytes.count)
                return .bytes(bytes)
            case .untilClose:
                guard input.isEmpty || bodyBytes < bodyBytesMax else { throw .bodyTooLarge }
                return take(bodyBytesMax - bodyBytes, from: &input).map { .bytes($0) }
            case .chunkSize:
                guard let size = try takeChunkSize(from: &input) else { return nil }
                guard size <= bodyBytesMax - bodyBytes else { throw .bodyTooLarge }
                state =
                    size > 0
                    ? .chunkData(bytesLeft: size)
                    : .trailers(
                        HTTPFieldSection(
                            bytesMax: limits.trailerBytesMax, countMax: limits.headerCountMax))
            case .chunkData(let bytesLeft):
                guard let bytes = take(bytesLeft, from: &input) else { return nil }
                state =
                    bytes.count < bytesLeft
                    ? .chunkData(bytesLeft: bytesLeft - bytes.count) : .chunkReturn
                return .bytes(bytes)
            case .chunkReturn:
                guard try skip(HTTPGrammar.carriageReturn, in: &input) else { return nil }
                state = .chunkLineFeed
            case .chunkLineFeed:
                guard try skip(HTTPGrammar.lineFeed, in: &input) else { return nil }
                state = .chunkSize
            case .trailers(var section):
                let isComplete = try section.read(from: &input)
                state = .trailers(section)
                return isComplete ? .end(trailers: section.headers) : nil
            }
        }
    }

    /// Up to `countMax` of the bytes that are here; nil while there are none.
    private mutating func take(_ countMax: Int, from input: inout HTTPInputBuffer) -> [UInt8]? {
        guard !input.isEmpty else { return nil }
        let bytes = input.take(countMax)
        bodyBytes += bytes.count
        return bytes
    }

    /// True once the expected byte is behind; false while there is none.
    private func skip(
        _ expected: UInt8, in input: inout HTTPInputBuffer
    ) throws(HTTPParseError) -> Bool {
        guard let byte = input.next else { return false }
        guard byte == expected else { throw .invalidChunk }
        input.discard(1)
        return true
    }

    /// Reads `chunk-size [ ";" chunk-ext ]`; nil until the line is complete.
    private mutating func takeChunkSize(
        from input: inout HTTPInputBuffer
    ) throws(HTTPParseError) -> Int? {
        let found: Range<Int>?
        do {
            found = try input.findLine(bytesMax: Self.sizeDigitsMax + extensionBytesLeft + 2)
        } catch {
            switch error {
            case .tooLong: throw .invalidChunk
            case .forbiddenByte: throw .forbiddenByte
            }
        }
        guard let found else { return nil }
        let (size, extensionBytes) = try Self.chunkSize(input.bytes.span.extracting(found))
        guard extensionBytes <= extensionBytesLeft else { throw .invalidChunk }
        extensionBytesLeft -= extensionBytes
        input.discard(line: found)
        return size
    }

    private static func chunkSize(
        _ line: Span<UInt8>
    ) throws(HTTPParseError) -> (size: Int, extensionBytes: Int) {
        var size = 0
        var digits = 0
        while digits < line.count, let digit = HTTPGrammar.hexadecimalDigit(line[digits]) {
            guard digits < sizeDigitsMax else { throw .invalidChunk }
            size = size << 4 | Int(digit)
            digits += 1
        }
        guard digits > 0, digits == line.count || line[digits] == UInt8(ascii: ";") else {
            throw .invalidChunk
        }
        return (size, line.count - digits)
    }
}
