import Testing
import Transport

@testable import LoadTest

struct FrameDialogueTests {
    /// A dialogue whose upgrade was accepted, and that has said CONNECT.
    private func rehearsal(_ dialogue: FrameDialogue, pieces: Int? = nil) throws -> Rehearsal {
        var rehearsal = Rehearsal(dialogue, pieceBytes: pieces)
        try rehearsal.acceptUpgrade()
        return rehearsal
    }

    private func dialogue() -> FrameDialogue {
        var task = DialogueTask(authority: "127.0.0.1:1", path: "/stomp/chat")
        task.identity = .token("abc")
        return FrameDialogue(task)
    }

    @Test func `signs in, and is live once it is connected`() throws {
        let dialogue = dialogue()
        var rehearsal = try rehearsal(dialogue)
        #expect(rehearsal.takeOutput().unmasked.contains("Authorization:Bearer abc\n"))
        #expect(!dialogue.isLive)
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\nheart-beat:10000,10000\n\n\0")
        #expect(dialogue.isLive)
        #expect(dialogue.keepAlive == KeepAlive(intervalUs: 10_000_000, silenceMaxUs: 20_000_000))
        #expect(rehearsal.events.lines == [])
    }

    @Test(arguments: Rehearsal.pieceSizes)
    func `leaves all frames to who listens, however they are cut`(pieces: Int?) throws {
        var rehearsal = try rehearsal(dialogue(), pieces: pieces)
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\n\n\0")
        try rehearsal.hear(frame: "MESSAGE\nsubscription:0\nposition:e\\c1\n\nhello\0\n")
        try rehearsal.hear(frame: "\n")
        try rehearsal.hear(frame: "RECEIPT\nreceipt-id:7\n\n\0RECEIPT\nreceipt-id:8\n\n\0")
        #expect(
            rehearsal.events.lines == [
                "heard MESSAGE subscription=0 position=e:1 hello", "heard RECEIPT receipt-id=7 ",
                "heard RECEIPT receipt-id=8 ",
            ])
    }

    @Test func `tells of an ERROR, and ends with its code`() throws {
        var rehearsal = try rehearsal(dialogue())
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\n\n\0")
        #expect(throws: ClientFailure.refused("going-away")) {
            try rehearsal.hear(
                frame: "ERROR\nmessage:going-away\nreconnect-after-ms:700\n\nbye\0")
        }
        #expect(
            rehearsal.events.lines == ["heard ERROR message=going-away reconnect-after-ms=700 bye"])
    }

    @Test func `a frame before it is connected is a mistake`() throws {
        var rehearsal = try rehearsal(dialogue())
        #expect(throws: ClientFailure.brokenProtocol("RECEIPT was not expected")) {
            try rehearsal.hear(frame: "RECEIPT\nreceipt-id:7\n\n\0")
        }
    }

    @Test func `says what it is told to`() throws {
        let dialogue = dialogue()
        var rehearsal = try rehearsal(dialogue)
        try rehearsal.hear(frame: "CONNECTED\nversion:1.2\n\n\0")
        var output: [UInt8] = []
        dialogue.send(STOMPFrame(.disconnect, [(name: "receipt", value: "bye")]), into: &output)
        #expect(output.unmasked.hasPrefix("DISCONNECT\nreceipt:bye\n"))
    }
}
