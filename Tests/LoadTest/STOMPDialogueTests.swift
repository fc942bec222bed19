import Testing
import Transport

@testable import LoadTest

struct STOMPDialogueTests {
    private static let message = """
        MESSAGE\nsubscription:sub-0\nmessage-id:1\\c7\ndestination:/topic/a\nposition:1\\c7\n\
        content-length:5\n\nhello\0
        """

    private func rehearsal(
        pieceBytes: Int?, counting: Int? = nil, resumeAfter: String? = nil
    ) throws -> Rehearsal {
        var task = DialogueTask(authority: "127.0.0.1:1", path: "/stomp")
        task.identity = .login("me", passcode: "secret")
        task.subscription = "/topic/a"
        task.countedBytesMin = counting
        task.resumeAfter = resumeAfter
        var rehearsal = Rehearsal(STOMPDialogue(task), pieceBytes: pieceBytes)
        try rehearsal.acceptUpgrade()
        return rehearsal
    }

    private func live(
        pieceBytes: Int?, counting: Int? = nil
    ) throws -> Rehearsal {
        var rehearsal = try rehearsal(pieceBytes: pieceBytes, counting: counting)
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0")
        try rehearsal.hear(frame: "RECEIPT\nreceipt-id:subscribed\nresume:complete\n\n\0")
        return rehearsal
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `signs in and subscribes step by step`(pieceBytes: Int?) throws {
        var rehearsal = try rehearsal(pieceBytes: pieceBytes, resumeAfter: "1\\c6")
        let connect = rehearsal.takeOutput().unmasked
        #expect(connect.contains("CONNECT\n"))
        #expect(connect.contains("\nlogin:me\npasscode:secret\n"))
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\nheart-beat:0,30000\n\n\0")
        #expect(rehearsal.dialogue.keepAlive == KeepAlive(intervalUs: 30_000_000))
        let subscribe = rehearsal.takeOutput().unmasked
        #expect(subscribe.contains("\ndestination:/topic/a\n"))
        #expect(subscribe.contains("\nposition:1\\c6\n"))
        #expect(!rehearsal.dialogue.isLive)
        try rehearsal.hear(frame: "RECEIPT\nreceipt-id:subscribed\nresume:gap\n\n\0")
        #expect(rehearsal.dialogue.isLive)
        #expect(rehearsal.events.lines == ["resumed gap"])
    }

    @Test func `headers that were asked for take the place of its own`() throws {
        var task = DialogueTask(authority: "127.0.0.1:1", path: "/")
        task.connectHeaders = [
            DialogueTask.Header(name: "host", value: "/"),
            DialogueTask.Header(name: "x", value: "1"),
        ]
        var rehearsal = Rehearsal(STOMPDialogue(task))
        try rehearsal.acceptUpgrade()
        let connect = rehearsal.takeOutput().unmasked
        #expect(connect.contains("\nhost:/\nx:1\n"))
        #expect(!connect.contains("host:127.0.0.1"))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `reads messages alone, joined, cut over several and in fragments`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = try live(pieceBytes: pieceBytes)
        let message = Self.message
        let half = message.index(message.startIndex, offsetBy: 40)
        try rehearsal.hear(frame: message)
        try rehearsal.hear(frame: message + "\n" + message + "\n")
        try rehearsal.hear(frame: String(message[..<half]))
        try rehearsal.hear(frame: String(message[half...]))
        try rehearsal.hear(
            Rehearsal.frame(String(message[..<half]), opcode: .text, isFinal: false)
                + Rehearsal.frame("ok?", opcode: .ping)
                + Rehearsal.frame(String(message[half...]), opcode: .continuation))
        let delivered = rehearsal.events.lines.dropFirst()
        // The parser unescapes; what is read in place stands as it came.
        #expect(
            delivered.map { $0.replacing("\\c", with: ":") }
                == Array(repeating: "delivered hello at 1:7", count: 5))
        #expect(rehearsal.takeOutput().unmasked.hasSuffix("ok?"))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `tells receipts by their number`(pieceBytes: Int?) throws {
        var rehearsal = try live(pieceBytes: pieceBytes)
        try rehearsal.hear(frame: "RECEIPT\nreceipt-id:42\nposition:1\\c9\n\n\0")
        #expect(rehearsal.events.lines.last == "acknowledged 42 at 1:9")
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `counts what is long enough without reading it, and answers pings`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = try live(pieceBytes: pieceBytes, counting: 100)
        _ = rehearsal.takeOutput()
        try rehearsal.hear(frame: String(repeating: "x", count: 100))
        try rehearsal.hear(frame: "\n")
        try rehearsal.hear(Rehearsal.frame("p", opcode: .ping))
        try rehearsal.hear(frame: String(repeating: "x", count: 70_000))
        try rehearsal.hear(frame: String(repeating: "x", count: 99))
        try rehearsal.hear(frame: String(repeating: "x", count: 200))
        #expect(rehearsal.events.lines.dropFirst() == ["counted", "counted", "counted"])
        #expect(rehearsal.takeOutput().unmasked == "p")
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `fails with the server's own word`(pieceBytes: Int?) throws {
        var rehearsal = try live(pieceBytes: pieceBytes)
        #expect(throws: ClientFailure.refused("forbidden")) {
            try rehearsal.hear(frame: "ERROR\nmessage:forbidden\n\nno\0")
        }
    }

    @Test func `a close frame and a wrong frame end the connection`() throws {
        var rehearsal = try live(pieceBytes: nil)
        #expect(throws: ClientFailure.closed(WebSocketCloseCode(rawValue: 1_001))) {
            try rehearsal.hear([0x88, 2, 0x03, 0xE9])
        }
        var other = try live(pieceBytes: nil)
        #expect(throws: ClientFailure.brokenProtocol("a frame is masked")) {
            try other.hear([0x81, 0x85])
        }
    }

    @Test(
        arguments: [
            ("MESSAGE\n\nab\0", "ab"), ("MESSAGE\na:b\n\nab\0\n\r\n", "ab"),
            ("MESSAGE\ncontent-length:3\n\na\0b\0", "a\0b"), ("MESSAGE\n\n\0", ""),
            ("MESSAGE\n\nab\0\0", nil), ("MESSAGE\n\nab", nil), ("MESSAGE\na:b\n", nil),
            ("MESSAGE\ncontent-length:9\n\nab\0", nil), ("MESSAGE\r\n\r\nab\0", nil),
            ("MESSAGE\ncontent-length:1\n\nab\0", nil), ("RECEIPT\n\n\0", nil), ("", nil),
            ("MESSAGE\ncontent-length:x\n\nab\0", nil),
        ] as [(String, String?)])
    func `only a whole MESSAGE is read in place`(text: String, body: String?) {
        let bytes = Array(text.utf8)
        let found = STOMPMessage(alone: bytes.span).map { bytes.span.extracting($0.body).text }
        #expect(found == body)
    }

    @Test(
        arguments: [
            ("MESSAGE\n\na", false, true), ("b\0\n", true, false), ("\n", true, true),
            ("\n", false, false), ("MESSAGE\na:b\n", false, true),
        ])
    func `knows whether a frame is still to be ended`(text: String, before: Bool, after: Bool) {
        #expect(STOMPMessage.endsWithinFrame(Array(text.utf8).span, before) == after)
    }
}
