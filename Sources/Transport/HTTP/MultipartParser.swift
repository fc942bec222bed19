/// What a server reads in a `multipart/form-data` body: for each part its head, any number of pieces,
/// its end.
public enum MultipartEvent: Hashable, Sendable {
    case part(MultipartPart)
    /// The next bytes of the part as they arrived; never empty.
    case data([UInt8])
    case end
}

/// The head of a part.
public struct MultipartPart: Hashable, Sendable {
    /// The field's name.
    public let name: String
    /// Nil: the part is no file. It is the client's word, and may be anything, a path included.
    public let fileName: String?
    /// As the client says; nil: it says nothing, which means `text/plain`.
    public let contentType: String?
}

/// The bounds of one body. They are checked before anything is kept.
public struct MultipartLimits: Hashable, Sendable {
    public var partCountMax: Int
    /// All header lines of one part, line ends included, and what stands before the first part.
    public var headerBytesMax: Int
    /// A part that is no file.
    public var fieldBytesMax: Int
    /// A part that is a file.
    public var fileBytesMax: Int
    /// The whole body.
    public var bytesMax: Int

    public init(
        partCountMax: Int, headerBytesMax: Int = 4_096, fieldBytesMax: Int, fileBytesMax: Int,
        bytesMax: Int
    ) {
        self.partCountMax = partCountMax
        self.headerBytesMax = headerBytesMax
        self.fieldBytesMax = fieldBytesMax
        self.fileBytesMax = fileBytesMax
        self.bytesMax = bytesMax
    }
}

/// How a body broke the format, or went past a limit.
public enum MultipartError: Error, Hashable, Sendable {
    /// The body ends before its last delimiter.
    case truncated
    /// What follows a delimiter is neither a line end nor the end of the body.
    case invalidDelimiter
    /// The header lines of a part are no such, or too long.
    case invalidHeaders
    /// A part does not say `form-data` and a name, or is encoded in some way.
    case invalidPart
    case tooManyParts
    /// A field is longer than its limit.
    case fieldTooLarge(name: String)
    case fileTooLarge(name: String)
    case bodyTooLarge
}

/// Takes a `multipart/form-data` body apart (RFC 7578, RFC 2046 §5.1), in any chunking.
///
/// The owner appends what it received and calls `next()` until it gives nil, and in the end `finish()`.
/// What is held meanwhile is less than a delimiter and one part's headers.
public struct MultipartParser: Sendable {
    private enum State {
        /// Before the first delimiter.
        case preamble(bytesLeft: Int)
        /// Behind a delimiter.
        case delimited
        case headers(HTTPFieldSection)
        case data(MultipartPart, bytesLeft: Int)
        /// Behind the last delimiter; what follows means nothing.
        case epilogue
        case failed(MultipartError)
    }

    private static let headerCountMax = 16
    private static let boundaryBytes = 1...70

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state: State
    private var input = HTTPInputBuffer()
    private var bytesLeft: Int
    /// Whether bytes beyond the limit have come, which are not in `input`.
    private var isTooLarge = false
    private var partsLeft: Int

    /// A body of this `Content-Type`; nil where that is not `multipart/form-data` with a boundary.
    public init?(contentType: String, limits: MultipartLimits) {
        guard let type = HTTPParameters(contentType), type.value == "multipart/form-data",
            let boundary = type["boundary"], Self.boundaryBytes.contains(boundary.utf8.count),
            boundary.utf8.allSatisfy(HTTPGrammar.isText), boundary.last != " "
        else { return nil }
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
        state = .preamble(bytesLeft: limits.headerBytesMax)
        bytesLeft = limits.bytesMax
        partsLeft = limits.partCountMax
        // So that a delimiter at the very start is like any other.
        input.append([HTTPGrammar.carriageReturn, HTTPGrammar.lineFeed].span)
    }

    /// Takes what was received. Bytes after an error are dropped.
    public mutating func append(_ bytes: Span<UInt8>) {
        if case .failed = state { return }
        let count = min(bytes.count, bytesLeft)
        isTooLarge = count < bytes.count
        bytesLeft -= count
        input.append(bytes.extracting(first: count))
    }

    /// The next event; nil while more bytes are needed. Once it has thrown, it throws the same error
    /// forever.
    public mutating func next() throws(MultipartError) -> MultipartEvent? {
        do throws(MultipartError) {
            let event = try advance()
            guard event != nil || !isTooLarge else { throw .bodyTooLarge }
            return event
        } catch {
            fail(error)
            throw error
        }
    }

    /// Tells that the body is over, after `next()` gave nil.
    public mutating func finish() throws(MultipartError) {
        switch state {
        case .epilogue: return
        case .failed(let error): throw error
        case .preamble, .delimited, .headers, .data:
            fail(.truncated)
            throw .truncated
        }
    }

    private mutating func fail(_ error: MultipartError) {
        state = .failed(error)
        input.removeAll()
    }

    private mutating func advance() throws(MultipartError) -> MultipartEvent? {
        while true {
            switch state {
            case .preamble(let bytesLeft):
                let (bytes, isFound) = input.take(before: delimiter)
                guard bytes.count <= bytesLeft else { throw .invalidHeaders }
                guard isFound else {
                    state = .preamble(bytesLeft: bytesLeft - bytes.count)
                    return nil
                }
                pass(delimiter)
            case .delimited:
                guard try readDelimiterEnd() else { return nil }
            case .headers(var section):
                state = .delimited  // leaves `section` the only owner of its array
                guard try read(&section) else {
                    state = .headers(section)
                    return nil
                }
                return try begin(section.headers)
            case .data(let part, let bytesLeft):
                let (bytes, isFound) = input.take(before: delimiter)
                guard bytes.count <= bytesLeft else {
                    let error: MultipartError =
                        part.fileName == nil
                        ? .fieldTooLarge(name: part.name) : .fileTooLarge(name: part.name)
                    guard bytesLeft > 0 else { throw error }
                    // The same comes out however the bytes arrived.
                    fail(error)
                    return .data(Array(bytes[..<bytesLeft]))
                }
                if !bytes.isEmpty {
                    state = .data(part, bytesLeft: bytesLeft - bytes.count)
                    return .data(bytes)
                }
                guard isFound else { return nil }
                pass(delimiter)
                return .end
            case .epilogue:
                input.removeAll()
                return nil
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func pass(_ delimiter: [UInt8]) {
        input.discard(delimiter.count)
        state = .delimited
    }

    /// Reads what follows a delimiter: `--`, or perhaps white space, and a line end. False until it is
    /// here.
    private mutating func readDelimiterEnd() throws(MultipartError) -> Bool {
        while input.next == HTTPGrammar.space || input.next == HTTPGrammar.tab { input.discard(1) }
        guard input.count >= 2 else { return false }
        switch input.take(2) {
        case Array("--".utf8):
            state = .epilogue
        case Array("\r\n".utf8):
            guard partsLeft > 0 else { throw .tooManyParts }
            partsLeft -= 1
            state = .headers(
                HTTPFieldSection(bytesMax: limits.headerBytesMax, countMax: Self.headerCountMax))
        case _:
            throw .invalidDelimiter
        }
        return true
    }

    private mutating func read(_ section: inout HTTPFieldSection) throws(MultipartError) -> Bool {
        do {
            return try section.read(from: &input)
        } catch {
            throw .invalidHeaders
        }
    }

    private mutating func begin(_ headers: HTTPHeaders) throws(MultipartError) -> MultipartEvent {
        let dispositions = headers.all(named: "content-disposition")
        guard dispositions.count == 1, let disposition = HTTPParameters(dispositions[0]),
            disposition.value == "form-data", let name = disposition["name"],
            Self.isPlain(headers.first(named: "content-transfer-encoding"))
        else { throw .invalidPart }
        let part = MultipartPart(
            name: name, fileName: disposition["filename"],
            contentType: headers.first(named: "content-type"))
        state = .data(
            part,
            bytesLeft: part.fileName == nil ? limits.fieldBytesMax : limits.fileBytesMax)
        return .part(part)
    }

    /// Whether the bytes of a part are what they stand for (RFC 7578 §4.7 knows no encodings).
    private static func isPlain(_ encoding: String?) -> Bool {
        guard let encoding else { return true }
        return ["7bit", "8bit", "binary"].contains(encoding.lowercased())
    }
}
