import Transport

/// Answers `/bytes/N` with as many bytes, `/wait` and whatever has `wait` in its query when its gate
/// opens, everything else with the method, the path and the body.
struct StubResponder: HTTPResponder {
    var gate = Gate(isOpen: true)
    var answered = Counter()

    @concurrent func respond(to request: HTTPRequest) async -> HTTPAnswer {
        answered.add()
        let waits = request.head.query.contains { $0.name == "wait" }
        if waits || request.head.path == "/wait" { await gate.pass() }
        let parts = request.head.path.split(separator: "/")
        if parts.count == 2, parts[0] == "bytes", let count = Int(parts[1]) {
            return .response(HTTPResponse(status: .ok, body: Self.pattern(count)))
        }
        let line = "\(request.head.method.rawValue) \(request.head.path) "
        return .response(HTTPResponse(status: .ok, body: Array(line.utf8) + request.body))
    }

    /// Bytes among which a piece that is lost or repeated shows.
    static func pattern(_ count: Int) -> [UInt8] {
        let tile = (0..<4_093).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + tile.count)
        while bytes.count < count { bytes += tile }
        return Array(bytes[..<count])
    }
}
