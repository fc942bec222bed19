/// What a client reads off a connection: for each response its head, any number of body pieces, its
/// end. Interim responses (1xx) come like others; the final one follows.
public enum HTTPResponseEvent: Hashable, Sendable {
    case head(HTTPResponseHead)
    /// The next bytes of the body as they arrived; never empty.
    case body([UInt8])
    case end(trailers: HTTPHeaders)
}

/// The client's side of HTTP/1.1: turns the bytes of a connection into responses, in any chunking,
/// as strictly as the server's side reads requests. After an error the connection is over.
public struct HTTPResponseParser: Sendable {
    private enum State {
        /// Between responses, or in the first line of one.
        case statusLine
        case fields(HTTPResponseHead.StatusLine, HTTPFieldSection)
        case body(HTTPBodyDecoder)
        case failed(HTTPParseError)
    }

    private let limits: HTTPLimits
    private var state = State.statusLine
    private var input = HTTPInputBuffer()

    /// The method of the request that is answered next: whether a body follows depends on it.
    public var method = HTTPMethod.get
    /// The bound for each body; `.max` for streams without end.
    public var bodyBytesMax: Int

    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        bodyBytesMax = limits.bodyBytesMax
    }

    /// Takes what was received. Bytes after an error are dropped.
    public mutating func append(_ bytes: Span<UInt8>) {
        switch state {
        case .statusLine, .fields, .body: input.append(bytes)
        case .failed: break
        }
    }

    /// The next event; nil while more bytes are needed. Once it has thrown, it throws the same
    /// error forever.
    public mutating func next() throws(HTTPParseError) -> HTTPResponseEvent? {
        do {
            return try advance()
        } catch {
            fail(error)
            throw error
        }
    }

    /// Tells that the server closed the connection, after `next()` gave nil. It gives the `.end` of
    /// a body that ends with the connection, nil between responses, and fails with `.truncated`
    /// anywhere else.
    public mutating func finish() throws(HTTPParseError) -> HTTPResponseEvent? {
        switch state {
        case .statusLine where input.isEmpty:
            return nil
        case .body(let decoder) where decoder.endsWithConnection:
            state = .statusLine
            return .end(trailers: HTTPHeaders())
        case .statusLine, .fields, .body:
            fail(.truncated)
            throw .truncated
        case .failed(let error):
            throw error
        }
    }

    /// Everything that was appended and not reported: after the head of a 101, the first bytes of
    /// the protocol that follows.
    public mutating func takeRemainder() -> [UInt8] {
        input.take(.max)
    }

    private mutating func fail(_ error: HTTPParseError) {
        state = .failed(error)
        input.removeAll()
    }

    private mutating func advance() throws(HTTPParseError) -> HTTPResponseEvent? {
        while true {
            switch state {
            case .statusLine:
                guard let line = try findStatusLine() else { return nil }
                state = .fields(
                    try HTTPResponseHead.StatusLine(input.bytes.span.extracting(line)),
                    HTTPFieldSection(
                        bytesMax: limits.headBytesMax - line.count - 2,
                        countMax: limits.headerCountMax))
                input.discard(line: line)
            case .fields(let line, var section):
                state = .statusLine  // leaves `section` the only owner of its array
                guard try section.read(from: &input) else {
                    state = .fields(line, section)
                    return nil
                }
                let head = HTTPResponseHead(line, section.headers)
                state = .body(try decoder(for: head))
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
                    state = .statusLine
                    return .end(trailers: trailers)
                }
            case .failed(let error):
                throw error
            }
        }
    }

    private mutating func findStatusLine() throws(HTTPParseError) -> Range<Int>? {
        do {
            return try input.findLine(bytesMax: limits.headBytesMax)
        } catch {
            switch error {
            case .tooLong: throw .fieldsTooLarge
            case .forbiddenByte: throw .forbiddenByte
            }
        }
    }

    /// RFC 9112 §6.3, in the order of its rules.
    private func decoder(for head: HTTPResponseHead) throws(HTTPParseError) -> HTTPBodyDecoder {
        guard !head.status.forbidsBody, method != .head else {
            return HTTPBodyDecoder(.none, limits: limits)
        }
        let framing = try HTTPBodyFraming(of: head.headers, version: head.version)
        switch framing {
        case .none: return .untilClose(limits: limits)
        case .length, .chunked: return HTTPBodyDecoder(framing, limits: limits)
        }
    }
}
