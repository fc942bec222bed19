import Testing

@testable import LoadTest

/// What a client says to a NATS server, and understands of it.
struct NATSDialogueTests {
    private static let info = #"INFO {"server_id":"X","max_payload":1048576}"# + "\r\n"

    private static func dialogue(
        identity: DialogueTask.Identity = .nobody, subject: String? = "room.7",
        countedBytesMin: Int? = nil
    ) -> NATSDialogue {
        var task = DialogueTask(authority: "127.0.0.1:4222", path: "/")
        task.identity = identity
        task.subscription = subject
        task.countedBytesMin = countedBytesMin
        return NATSDialogue(task)
    }

    /// A client that is live, whose words so far are taken.
    private static func live(pieceBytes: Int? = nil) throws -> Rehearsal {
        var rehearsal = Rehearsal(dialogue(), pieceBytes: pieceBytes)
        try rehearsal.hear(info + "PONG\r\n")
        _ = rehearsal.takeOutput()
        return rehearsal
    }

    @Test func `the client waits for the server's first word`() {
        #expect(Rehearsal(Self.dialogue()).output.isEmpty)
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `the client introduces itself once, subscribes, and is live with the answer`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = Rehearsal(Self.dialogue(), pieceBytes: pieceBytes)
        try rehearsal.hear(Self.info + Self.info)
        let words = String(decoding: rehearsal.takeOutput(), as: UTF8.self)
        #expect(words.hasPrefix("CONNECT {"))
        #expect(words.contains(#""verbose":false"#))
        #expect(!words.contains("auth_token"))
        #expect(words.hasSuffix("}\r\nSUB room.7 1\r\nPING\r\n"))
        #expect(!rehearsal.dialogue.isLive)
        try rehearsal.hear("PONG\r\n")
        #expect(rehearsal.dialogue.isLive)
        #expect(rehearsal.events.lines.isEmpty)
    }

    @Test func `who the client is stands in its introduction`() throws {
        var named = Rehearsal(Self.dialogue(identity: .login("me", passcode: "a\"b")))
        try named.hear(Self.info)
        let name = String(decoding: named.output, as: UTF8.self)
        #expect(name.contains(#""user":"me""#))
        #expect(name.contains(#""pass":"a\"b""#))

        var token = Rehearsal(Self.dialogue(identity: .token("t0"), subject: nil))
        try token.hear(Self.info)
        let words = String(decoding: token.output, as: UTF8.self)
        #expect(words.contains(#""auth_token":"t0""#))
        #expect(!words.contains("SUB"))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `messages are told however they are cut`(pieceBytes: Int?) throws {
        var rehearsal = try Self.live(pieceBytes: pieceBytes)
        try rehearsal.hear(
            "MSG room.7 1 5\r\na\r\nbc\r\nPING\r\nMSG room.7 1 reply.0 0\r\n\r\nPONG\r\n"
                + "MSG room.7 1 2\r\nyz\r\n")
        #expect(
            rehearsal.events.lines
                == ["delivered a\r\nbc at ", "delivered  at ", "answered", "delivered yz at "])
        #expect(rehearsal.takeOutput() == Array("PONG\r\n".utf8))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `messages that are only counted are counted where they are long enough`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = Rehearsal(Self.dialogue(countedBytesMin: 3), pieceBytes: pieceBytes)
        try rehearsal.hear(
            Self.info + "PONG\r\nMSG room.7 1 3\r\nabc\r\nMSG room.7 1 2\r\nab\r\n")
        #expect(rehearsal.events.lines == ["counted"])
    }

    @Test func `a published message has its length before it`() throws {
        var rehearsal = try Self.live()
        rehearsal.dialogue.publish(
            OutgoingMessage(destination: "room.7", body: Array("hé".utf8)),
            into: &rehearsal.output)
        #expect(rehearsal.takeOutput() == Array("PUB room.7 3\r\nhé\r\n".utf8))
    }

    @Test func `an error ends the connection with its words`() throws {
        var rehearsal = try Self.live()
        #expect(throws: ClientFailure.refused("'Authorization Violation'")) {
            try rehearsal.hear("-ERR 'Authorization Violation'\r\n")
        }
    }

    @Test(
        arguments: [
            "HELLO\r\n", "PING\n", "MSG room.7 1 x\r\n", "MSG room.7 1 2000000\r\n",
            "MSG room.7 1 1\r\nabc\r\n", String(repeating: "a", count: 70_000),
        ])
    func `what is no NATS ends the connection`(words: String) throws {
        var rehearsal = try Self.live()
        #expect {
            try rehearsal.hear(words)
        } throws: { error in
            if case .brokenProtocol? = error as? ClientFailure { true } else { false }
        }
    }
}
