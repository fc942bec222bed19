import Testing
import Transport

@testable import LoadTest

struct WebSocketDialogueTests {
    @Test(arguments: Rehearsal.pieceSizes)
    func `each message is a body`(pieceBytes: Int?) throws {
        var rehearsal = Rehearsal(
            WebSocketDialogue(DialogueTask(authority: "h", path: "/room/1")),
            pieceBytes: pieceBytes)
        #expect(rehearsal.output.starts(with: "GET /room/1 HTTP/1.1\r\nHost: h\r\n".utf8))
        #expect(!rehearsal.dialogue.isLive)
        try rehearsal.acceptUpgrade()
        #expect(rehearsal.dialogue.isLive)
        try rehearsal.hear(frame: "one")
        try rehearsal.hear(Rehearsal.frame("two", opcode: .binary))
        let long = String(repeating: "long", count: 20_000)
        try rehearsal.hear(frame: long)
        try rehearsal.hear(Rehearsal.frame("", opcode: .pong))
        #expect(
            rehearsal.events.lines == [
                "delivered one at ", "delivered two at ", "delivered \(long) at ", "answered",
            ])
    }

    @Test func `publishes masked text`() throws {
        var rehearsal = Rehearsal(WebSocketDialogue(DialogueTask(authority: "h", path: "/")))
        try rehearsal.acceptUpgrade()
        var output: [UInt8] = []
        let message = OutgoingMessage(destination: "", body: Array("hello".utf8))
        rehearsal.dialogue.publish(message, into: &output)
        rehearsal.dialogue.publish(message, into: &output)
        #expect(output.unmasked == "hellohello")
        #expect(output[2..<6] != output[13..<17])
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `is not opened by another answer`(pieceBytes: Int?) {
        var rehearsal = Rehearsal(
            WebSocketDialogue(DialogueTask(authority: "h", path: "/")), pieceBytes: pieceBytes)
        #expect(throws: ClientFailure.notOpened("404 Not Found")) {
            try rehearsal.hear("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        }
    }
}
