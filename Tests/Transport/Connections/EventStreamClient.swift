import Testing
import Transport

/// A client of an event stream over a loopback connection that blocks its thread.
final class EventStreamClient {
    let socket: WireSocket
    private(set) var head: HTTPResponseHead?
    private(set) var reader = EventReader()
    private var parser = HTTPResponseParser()
    private var waiting: [StreamEvent] = []
    /// Whether the response ended as it should.
    private(set) var hasEnded = false

    /// Asks for the stream of some feeds: `message=/topic/a`.
    init(
        _ server: TestServer, _ query: String = "feed=message=/topic/a",
        version: String = "HTTP/1.1", receiveBufferBytes: Int32? = nil
    ) throws {
        socket = try WireSocket(port: server.httpPort, receiveBufferBytes: receiveBufferBytes)
        parser.bodyBytesMax = .max
        let request = "GET /events?\(query) \(version)\r\nHost: localhost\r\n\r\n"
        try socket.write(Array(request.utf8))
    }

    /// The next event; nil at the end of the stream.
    func next() throws -> StreamEvent? {
        while waiting.isEmpty {
            guard try receive() else { return nil }
        }
        return waiting.removeFirst()
    }

    /// Reads what comes until so many comments were among it.
    func waitForComments(_ count: Int) throws {
        while reader.commentCount < count {
            try #require(try receive(), "the stream ended")
        }
    }

    private func receive() throws -> Bool {
        guard !hasEnded else { return false }
        let bytes = try socket.read()
        parser.append(bytes.span)
        if bytes.isEmpty { try take(try parser.finish()) }
        while let event = try parser.next() { try take(event) }
        return !bytes.isEmpty || !waiting.isEmpty
    }

    private func take(_ event: HTTPResponseEvent?) throws {
        switch event {
        case .head(let received): head = received
        case .body(let piece): waiting += reader.read(piece)
        case .end: hasEnded = true
        case nil: break
        }
    }

    /// The next events, so many.
    func events(_ count: Int) throws -> [StreamEvent] {
        try (0..<count).map { number in
            try #require(try next(), "the stream ended after \(number) events")
        }
    }

    /// Everything until the server ends the stream, which it does in order.
    func rest() throws -> [StreamEvent] {
        var events: [StreamEvent] = []
        while let event = try next() { events.append(event) }
        #expect(hasEnded)
        return events
    }
}

extension StreamEvent {
    /// The first event of a stream, whose words are `EventResponder`'s.
    static func connected(_ resume: String, _ position: String) -> StreamEvent {
        StreamEvent(name: "connected", data: "\(resume) \(position)", lastID: position)
    }
}
