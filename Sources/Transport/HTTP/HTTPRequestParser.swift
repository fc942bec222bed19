/// What a server reads off a connection: for each request its head, any number of body pieces, its
/// end.
public enum HTTPRequestEvent: Hashable, Sendable {
    case head(HTTPRequestHead)
    /// The next bytes of the body as they arrived; never empty.
    case body([UInt8])
    /// The request is complete. Trailers say nothing about how it was framed or routed; they never
    /// join the headers (RFC 9110 §6.5.1).
    case end(trailers: HTTPHeaders)
}

/// The server's side of HTTP/1.1: turns the bytes of a connection into requests, in any chunking,
/// one request after the other.
///
/// The owner appends what it received and calls `next()` until it gives nil. An owner that still
/// works on a request stops calling, and stops receiving: what a client sends ahead is bounded by
/// what the owner appends. After an error the connection is over.
public struct HTTPRequestParser: Sendable {
    private enum State {
        /// Between requests, or in the first line of one.
        case requestLine(emptyLines: Int)
        case fields(HTTPRequestLine, HTTPFieldSection)
        case body(HTTPBodyDecoder)
        case failed(HTTPParseError)
    }

    /// Old clients end a body with an empty line too many (RFC 9112 §2.2).
    private static let emptyLinesMax = 2

    /// What a first line may hold besides its target: a method, two spaces, a version, a line end.
    private static let requestLineBytesBesidesTargetMax = 64

    private let limits: HTTPLimits
    private var state = State.requestLine(emptyLines: 0)
    private(set) var input = HTTPInputBuffer()

    /// The bound for the body of the request whose head came last. The owner may set it before it
    /// asks for the first piece; each head sets it back to that of the limits.
    public var bodyBytesMax: Int

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        bodyBytesMax = limits.bodyBytesMax
    }

    /// How many received bytes wait to be parsed.
    public var bufferedByteCount: Int { input.count }

    /// About how many bytes of memory wait to become an event.
    var heldBytes: Int {
        switch state {
        case .requestLine, .body, .failed: input.heldBytes
        case .fields(_, let section): input.heldBytes + section.heldBytes
        }
    }

    /// True between requests: not a byte of the next one is here. An idle parser holds no heap
    /// memory.
    public var isIdle: Bool {
        switch state {
        case .requestLine: input.isEmpty
        case .fields, .body, .failed: false
        }
    }

    /// Takes what was received. Bytes after an error are dropped.
    public mutating func append(_ bytes: Span<UInt8>) {
        switch state {
        case .requestLine, .fields, .body: input.append(bytes)
        case .failed: break
        }
    }

    /// The next event; nil while more bytes are needed. Once it has thrown, it throws the same
    /// error forever.
    public mutating func next() throws(HTTPParseError) -> HTTPRequestEvent? {
        do {
            return try advance()
        } catch {
            state = .failed(error)
            input.removeAll()
            throw error
        }
    }

    /// Everything that was appended and not reported: after the head of a request that upgrades the
    /// connection (and has no body), the first bytes of the protocol that follows.
    public mutating func takeRemainder() -> [UInt8] {
        input.take(.max)
    }

    private mutating func advance() throws(HTTPParseError) -> HTTPRequestEvent? {
        while true {
            switch state {
            case .requestLine(let emptyLines):
                guard let line = try findRequestLine() else { return nil }
                state =
                    line.isEmpty
                    ? .requestLine(emptyLines: emptyLines + 1) : try requestLine(at: line)
                input.discard(line: line)
                guard emptyLines < Self.emptyLinesMax || !line.isEmpty else {
                    throw .invalidRequestLine
                }
            case .fields(let line, var section):
                state = .requestLine(emptyLines: 0)  // leaves `section` the only owner of its array
                guard try section.read(from: &input) else {
                    state = .fields(line, section)
                    return nil
                }
                let head = try HTTPRequestHead(line, section.headers)
                bodyBytesMax = limits.bodyBytesMax
                state = .body(HTTPBodyDecoder(head.framing, limits: limits))
                return .head(head)
            case .body(var decoder):
                guard let piece = try decoder.next(from: &input, bodyBytesMax: bodyBytesMax) else {
                    state = .body(decoder)
                    return nil
                }
                switch piece {
                case .bytes(let bytes):
                    state = .body(decoder)
                    return .body(bytes)
                case .end(let trailers):
                    state = .requestLine(emptyLines: 0)
                    return .end(trailers: trailers)
                }
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func findRequestLine() throws(HTTPParseError) -> Range<Int>? {
        do {
            return try input.findLine(
                bytesMax: limits.targetBytesMax + Self.requestLineBytesBesidesTargetMax)
        } catch {
            switch error {
            case .tooLong: throw .targetTooLong
            case .forbiddenByte: throw .forbiddenByte
            }
        }
    }

    private func requestLine(at line: Range<Int>) throws(HTTPParseError) -> State {
        .fields(
            try HTTPRequestLine(
                input.bytes.span.extracting(line), targetBytesMax: limits.targetBytesMax),
            HTTPFieldSection(
                bytesMax: limits.headBytesMax - line.count - 2, countMax: limits.headerCountMax))
    }
}
