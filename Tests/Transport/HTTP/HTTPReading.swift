import Transport

/// What a server reads from some bytes, apart from how the body was cut: neighbouring pieces are
/// one. Two readings of the same bytes are equal, however the bytes arrived.
struct HTTPReading: Equatable {
    var events: [HTTPRequestEvent] = []
    var error: HTTPParseError?

    /// - Parameter chunkBytes: how many bytes arrive at a time; nil: all at once.
    init(_ bytes: [UInt8], chunkBytes: Int? = nil, limits: HTTPLimits = HTTPLimits()) {
        var parser = HTTPRequestParser(limits: limits)
        for chunk in HTTPReading.pieces(of: bytes, pieceBytes: chunkBytes) {
            parser.append(chunk.span)
            do {
                while let event = try parser.next() { append(event) }
            } catch {
                self.error = error
                return
            }
        }
    }

    init(_ text: String, chunkBytes: Int? = nil, limits: HTTPLimits = HTTPLimits()) {
        self.init(Array(text.utf8), chunkBytes: chunkBytes, limits: limits)
    }

    /// The heads alone.
    var heads: [HTTPRequestHead] {
        events.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    /// All bodies, one after the other.
    var body: [UInt8] {
        events.flatMap { event -> [UInt8] in
            if case .body(let bytes) = event { bytes } else { [] }
        }
    }

    /// How many requests are complete.
    var endCount: Int {
        events.count { if case .end = $0 { true } else { false } }
    }

    /// The bytes in pieces of that size, the last one shorter; all in one where it is nil.
    static func pieces(of bytes: [UInt8], pieceBytes: Int?) -> [[UInt8]] {
        let size = pieceBytes ?? max(bytes.count, 1)
        return stride(from: 0, to: bytes.count, by: size).map {
            Array(bytes[$0..<min($0 + size, bytes.count)])
        }
    }

    private mutating func append(_ event: HTTPRequestEvent) {
        if case .body(let new) = event, case .body(let old)? = events.last {
            events[events.count - 1] = .body(old + new)
        } else {
            events.append(event)
        }
    }
}

/// A GET of `target`, with `fields` between the `Host` line and the empty line. Each has its CR LF.
func httpGet(_ target: String = "/", fields: String = "", version: String = "HTTP/1.1") -> String {
    "GET \(target) \(version)\r\nHost: a\r\n\(fields)\r\n"
}

/// A POST whose head has these lines, followed by `body`.
func httpPost(_ fields: String, body: String = "", version: String = "HTTP/1.1") -> String {
    "POST / \(version)\r\nHost: a\r\n\(fields)\r\n\(body)"
}
