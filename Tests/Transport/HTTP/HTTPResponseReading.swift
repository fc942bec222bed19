import Transport

/// What a client reads from some bytes after which the server closes, neighbouring body pieces
/// being one.
struct HTTPResponseReading: Equatable {
    var events: [HTTPResponseEvent] = []
    var error: HTTPParseError?

    /// - Parameter chunkBytes: how many bytes arrive at a time; nil: all at once.
    init(
        _ bytes: [UInt8], answering method: HTTPMethod = .get, chunkBytes: Int? = nil,
        limits: HTTPLimits = HTTPLimits()
    ) {
        var parser = HTTPResponseParser(limits: limits)
        parser.method = method
        do {
            for chunk in HTTPReading.pieces(of: bytes, pieceBytes: chunkBytes) {
                parser.append(chunk.span)
                while let event = try parser.next() { append(event) }
            }
            if let event = try parser.finish() { append(event) }
        } catch {
            self.error = error
        }
    }

    init(
        _ text: String, answering method: HTTPMethod = .get, chunkBytes: Int? = nil,
        limits: HTTPLimits = HTTPLimits()
    ) {
        self.init(Array(text.utf8), answering: method, chunkBytes: chunkBytes, limits: limits)
    }

    /// The heads alone.
    var heads: [HTTPResponseHead] {
        events.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    /// All bodies, one after the other.
    var body: [UInt8] {
        events.flatMap { event -> [UInt8] in
            if case .body(let bytes) = event { bytes } else { [] }
        }
    }

    /// Whether every response came to its end.
    var isComplete: Bool {
        error == nil && heads.count == events.count { if case .end = $0 { true } else { false } }
    }

    private mutating func append(_ event: HTTPResponseEvent) {
        if case .body(let new) = event, case .body(let old)? = events.last {
            events[events.count - 1] = .body(old + new)
        } else {
            events.append(event)
        }
    }
}
