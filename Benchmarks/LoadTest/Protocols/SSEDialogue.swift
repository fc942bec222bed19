import Transport

/// Server-Sent Events: one request whose answer does not end (WHATWG HTML, Server-sent events).
final class SSEDialogue: Dialogue {
    private let task: DialogueTask
    private var parser = HTTPResponseParser()
    private var unread = UnreadBytes()
    private(set) var isLive = false

    init(_ task: DialogueTask) {
        self.task = task
        parser.bodyBytesMax = .max
    }

    var keepAlive: KeepAlive { .none }

    func begin(into output: inout [UInt8]) {
        var headers = [DialogueTask.Header(name: "Accept", value: "text/event-stream")]
        if let position = task.resumeAfter {
            headers.append(DialogueTask.Header(name: "Last-Event-ID", value: position))
        }
        HTTPRequest(
            method: "GET", path: task.path,
            headers: headers + task.identity.httpHeaders + task.httpHeaders
        ).encode(authority: task.authority, into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        parser.append(bytes)
        while let event = try nextEvent() {
            switch event {
            case .head(let head): try open(head)
            case .body(let piece):
                try unread.read(piece.span) { (bytes) throws(ClientFailure) in
                    take(bytes, listener)
                }
            case .end: throw .disconnected
            }
        }
    }

    private func nextEvent() throws(ClientFailure) -> HTTPResponseEvent? {
        do throws(HTTPParseError) {
            return try parser.next()
        } catch {
            throw .brokenProtocol("\(error)")
        }
    }

    private func open(_ head: HTTPResponseHead) throws(ClientFailure) {
        guard !head.status.isInterim else { return }
        guard head.status == .ok else { throw .notOpened(head.status.description) }
        let type = head.headers.first(named: "Content-Type") ?? "nothing"
        guard type.hasPrefix("text/event-stream") else {
            throw .notOpened("the answer is \(type)")
        }
        isLive = true
    }

    /// Takes whole events; returns how many bytes they were.
    private func take(_ bytes: Span<UInt8>, _ listener: any DialogueListener) -> Int {
        var consumed = 0
        var lineStart = 0
        var event = SSEEvent()
        while let lineFeed = bytes.firstIndex(of: UInt8(ascii: "\n"), from: lineStart) {
            let hasReturn = lineFeed > lineStart && bytes[lineFeed - 1] == UInt8(ascii: "\r")
            let line = lineStart..<(hasReturn ? lineFeed - 1 : lineFeed)
            lineStart = lineFeed + 1
            if line.isEmpty {
                consumed = lineStart
                tell(event, of: bytes, listener)
                event = SSEEvent()
            } else {
                event.take(line, of: bytes)
            }
        }
        return consumed
    }

    private func tell(
        _ event: SSEEvent, of bytes: Span<UInt8>, _ listener: any DialogueListener
    ) {
        guard let first = event.firstData else { return }
        if let bytesMin = task.countedBytesMin {
            if first.count >= bytesMin { listener.counted(1) }
        } else if event.joinedData.isEmpty {
            listener.delivered(
                bytes.extracting(first), position: bytes.extracting(event.identifier))
        } else {
            listener.delivered(
                event.joinedData.span, position: bytes.extracting(event.identifier))
        }
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        preconditionFailure("an event stream has one direction; options rule this out")
    }

    func probe(into output: inout [UInt8]) {
        // Nothing can be asked. A stream that the server has closed is noticed by itself.
    }

    func beat(into output: inout [UInt8]) {
        preconditionFailure("no beats were agreed on")
    }
}

/// One event while its lines are read. Ranges are into the bytes that hold the whole event.
struct SSEEvent: Sendable {
    /// The value of the first `data` line; nil without one.
    private(set) var firstData: Range<Int>?
    /// All data with line feeds between, where there is more than one line; empty otherwise.
    private(set) var joinedData: [UInt8] = []
    /// The value of the `id` line; empty without one.
    private(set) var identifier = 0..<0

    /// Takes a line, which is not empty, without its end.
    mutating func take(_ line: Range<Int>, of bytes: Span<UInt8>) {
        if bytes.holds("data:", at: line.lowerBound) {
            let value = Self.value(line, after: 5, in: bytes)
            guard let first = firstData else {
                firstData = value
                return
            }
            if joinedData.isEmpty { joinedData.append(bytes.extracting(first)) }
            joinedData.append(UInt8(ascii: "\n"))
            joinedData.append(bytes.extracting(value))
        } else if bytes.holds("id:", at: line.lowerBound) {
            identifier = Self.value(line, after: 3, in: bytes)
        }
    }

    /// What stands behind the colon, and behind one space where there is one.
    private static func value(
        _ line: Range<Int>, after nameCount: Int, in bytes: Span<UInt8>
    ) -> Range<Int> {
        let start = min(line.lowerBound + nameCount, line.upperBound)
        let hasSpace = start < line.upperBound && bytes[start] == UInt8(ascii: " ")
        return (hasSpace ? start + 1 : start)..<line.upperBound
    }
}
