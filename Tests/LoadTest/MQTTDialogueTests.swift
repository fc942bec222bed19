import Testing

@testable import LoadTest

/// What a client says to an MQTT broker, and understands of it.
struct MQTTDialogueTests {
    private static let connack: [UInt8] = [0x20, 2, 0, 0]
    private static let suback: [UInt8] = [0x90, 3, 0, 1, 0]

    private static func dialogue(
        identity: DialogueTask.Identity = .nobody, topic: String? = "room/7",
        countedBytesMin: Int? = nil
    ) -> MQTTDialogue {
        var task = DialogueTask(authority: "127.0.0.1:1883", path: "/")
        task.identity = identity
        task.subscription = topic
        task.countedBytesMin = countedBytesMin
        return MQTTDialogue(task)
    }

    /// A client that is live, whose words so far are taken.
    private static func live(pieceBytes: Int? = nil) throws -> Rehearsal {
        var rehearsal = Rehearsal(dialogue(), pieceBytes: pieceBytes)
        try rehearsal.hear(connack + suback)
        _ = rehearsal.takeOutput()
        return rehearsal
    }

    /// PUBLISH of one message to `room/7`.
    private static func message(_ body: [UInt8]) -> [UInt8] {
        let length = 8 + body.count
        let head: [UInt8] =
            length < 128
            ? [0x30, UInt8(length)] : [0x30, UInt8(length & 0x7F) | 0x80, UInt8(length >> 7)]
        return head + [0, 6] + Array("room/7".utf8) + body
    }

    @Test func `the client speaks first, and says its version and that nothing is kept`() {
        #expect(
            Rehearsal(Self.dialogue()).output
                == [0x10, 12, 0, 4] + Array("MQTT".utf8) + [4, 0x02, 0, 0, 0, 0])
    }

    @Test func `a name and a password follow the identifier`() {
        let output = Rehearsal(Self.dialogue(identity: .login("me", passcode: "pw"))).output
        #expect(
            output
                == [0x10, 20, 0, 4] + Array("MQTT".utf8) + [4, 0xC2, 0, 0, 0, 0]
                + [0, 2] + Array("me".utf8) + [0, 2] + Array("pw".utf8))
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `the client subscribes once it is let in, and is live with the answer`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = Rehearsal(Self.dialogue(), pieceBytes: pieceBytes)
        _ = rehearsal.takeOutput()
        try rehearsal.hear(Self.connack)
        #expect(
            rehearsal.takeOutput() == [0x82, 11, 0, 1, 0, 6] + Array("room/7".utf8) + [0])
        #expect(!rehearsal.dialogue.isLive)
        try rehearsal.hear(Self.suback)
        #expect(rehearsal.dialogue.isLive)
    }

    @Test func `a client that only publishes is live once it is let in`() throws {
        var rehearsal = Rehearsal(Self.dialogue(topic: nil))
        _ = rehearsal.takeOutput()
        try rehearsal.hear(Self.connack)
        #expect(rehearsal.dialogue.isLive)
        #expect(rehearsal.takeOutput() == [])
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `messages are told however they are cut`(pieceBytes: Int?) throws {
        var rehearsal = try Self.live(pieceBytes: pieceBytes)
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 300)
        try rehearsal.hear(
            Self.message(Array("hello".utf8)) + [0xD0, 0] + Self.message(long)
                + Self.message([]))
        #expect(
            rehearsal.events.lines
                == [
                    "delivered hello at ", "answered",
                    "delivered \(String(repeating: "x", count: 300)) at ", "delivered  at ",
                ])
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `messages that are only counted are counted where they are long enough`(
        pieceBytes: Int?
    ) throws {
        var rehearsal = Rehearsal(Self.dialogue(countedBytesMin: 3), pieceBytes: pieceBytes)
        try rehearsal.hear(Self.connack + Self.suback)
        try rehearsal.hear(Self.message([1, 2, 3]) + Self.message([1, 2]))
        #expect(rehearsal.events.lines == ["counted"])
    }

    @Test func `a published message has as many bytes of length as it needs`() throws {
        var rehearsal = try Self.live()
        let body = [UInt8](repeating: 1, count: 200)
        rehearsal.dialogue.publish(
            OutgoingMessage(destination: "a", body: body), into: &rehearsal.output)
        #expect(
            rehearsal.takeOutput() == [0x30, 0xCB, 0x01, 0, 1, UInt8(ascii: "a")] + body)
    }

    @Test func `a probe is a ping`() throws {
        var rehearsal = try Self.live()
        rehearsal.dialogue.probe(into: &rehearsal.output)
        #expect(rehearsal.takeOutput() == [0xC0, 0])
    }

    @Test func `a refusal ends the connection with its reason`() throws {
        var stranger = Rehearsal(Self.dialogue())
        #expect(throws: ClientFailure.refused("not authorized")) {
            try stranger.hear([0x20, 2, 0, 5])
        }
        var listener = Rehearsal(Self.dialogue())
        try listener.hear(Self.connack)
        #expect(throws: ClientFailure.refused("the subscription")) {
            try listener.hear([0x90, 3, 0, 1, 0x80])
        }
    }

    @Test(
        arguments: [
            [0x00, 0], [0x32, 5, 0, 1, 97, 0, 1], [0x30, 1, 0], [0x30, 3, 0, 9, 97],
            [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1], [0x30, 0xFF, 0xFF, 0xFF, 0x7F],
        ] as [[UInt8]])
    func `what is no MQTT ends the connection`(bytes: [UInt8]) throws {
        var rehearsal = try Self.live()
        #expect {
            try rehearsal.hear(bytes)
        } throws: { error in
            if case .brokenProtocol? = error as? ClientFailure { true } else { false }
        }
    }
}
