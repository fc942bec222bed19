import Testing

@testable import LoadTest

struct SSEDialogueTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"

    /// Chunks of different sizes, whose borders fall anywhere.
    private static func chunked(_ text: String, bytes size: Int) -> String {
        var rest = Substring(text)
        var body = ""
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            body += String(piece.utf8.count, radix: 16) + "\r\n" + piece + "\r\n"
            rest = rest.dropFirst(size)
        }
        return head + "Transfer-Encoding: chunked\r\n\r\n" + body
    }

    private static let events = """
        retry: 1000\n\n: keep-alive\n\nid: 1:7\nevent: message\ndata: hello\n\n\
        data:two\r\ndata: lines\r\n\r\ndata\n\nid\ndata:  spaced\n\n
        """

    private static let lines = [
        "delivered hello at 1:7", "delivered two\nlines at ", "delivered  spaced at ",
    ]

    @Test(arguments: Rehearsal.pieceSizes, [1, 5, 1_000])
    func `reads events from chunks`(pieceBytes: Int?, chunkBytes: Int) throws {
        var rehearsal = Rehearsal(
            SSEDialogue(DialogueTask(authority: "h", path: "/stream")), pieceBytes: pieceBytes)
        try rehearsal.hear(Self.chunked(Self.events, bytes: chunkBytes))
        #expect(rehearsal.dialogue.isLive)
        #expect(rehearsal.events.lines == Self.lines)
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `reads events from a body without chunks`(pieceBytes: Int?) throws {
        var rehearsal = Rehearsal(
            SSEDialogue(DialogueTask(authority: "h", path: "/")), pieceBytes: pieceBytes)
        try rehearsal.hear(Self.head + "\r\n" + Self.events)
        #expect(rehearsal.events.lines == Self.lines)
    }

    @Test func `asks for what came after a position`() {
        var task = DialogueTask(authority: "h", path: "/a?b=c")
        task.resumeAfter = "1:7"
        task.identity = .token("abc")
        let output = Rehearsal(SSEDialogue(task)).output
        let request = String(decoding: output, as: UTF8.self)
        #expect(request.hasPrefix("GET /a?b=c HTTP/1.1\r\nHost: h\r\n"))
        #expect(request.contains("\r\nLast-Event-ID: 1:7\r\n"))
        #expect(request.contains("\r\nAuthorization: Bearer abc\r\n"))
        #expect(request.hasSuffix("\r\n\r\n"))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `counts events by the length of their data`(pieceBytes: Int?) throws {
        var task = DialogueTask(authority: "h", path: "/")
        task.countedBytesMin = 6
        var rehearsal = Rehearsal(SSEDialogue(task), pieceBytes: pieceBytes)
        try rehearsal.hear(Self.head + "\r\ndata: short\n\ndata: longer\n\ndata: longest\n\n")
        #expect(rehearsal.events.lines == ["counted", "counted"])
    }

    @Test(
        arguments: [
            ("HTTP/1.1 401 Unauthorized\r\n\r\n", "401 Unauthorized"),
            ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "the answer is text/html"),
        ])
    func `is not opened by another answer`(answer: String, reason: String) {
        var rehearsal = Rehearsal(SSEDialogue(DialogueTask(authority: "h", path: "/")))
        #expect(throws: ClientFailure.notOpened(reason)) { try rehearsal.hear(answer) }
    }
}
