import Testing

@testable import LoadTest

struct PostDialogueTests {
    private func publish(_ receipts: [Int64?], on rehearsal: inout Rehearsal) {
        for receipt in receipts {
            let message = OutgoingMessage(
                destination: "/pub/1", body: Array("hello".utf8), receipt: receipt)
            rehearsal.dialogue.publish(message, into: &rehearsal.output)
        }
    }

    private static let request =
        "POST /pub/1 HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
        + "Content-Length: 5\r\n\r\nhello"

    @Test(arguments: Rehearsal.pieceSizes)
    func `a request leaves when the one before has its answer`(pieceBytes: Int?) throws {
        var rehearsal = Rehearsal(
            PostDialogue(DialogueTask(authority: "h", path: "/")), pieceBytes: pieceBytes)
        publish([7, nil, 9, 10], on: &rehearsal)
        #expect(rehearsal.takeOutput().span.text == Self.request)
        for answer in [
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
        ] {
            try rehearsal.hear(answer)
            #expect(rehearsal.takeOutput().span.text == Self.request)
        }
        try rehearsal.hear("HTTP/1.1 204 No Content\r\n\r\n")
        #expect(rehearsal.takeOutput().isEmpty)
        #expect(
            rehearsal.events.lines == [
                "acknowledged 7 at ", "refused POST: 503 Service Unavailable",
                "acknowledged 10 at ",
            ])
    }

    @Test func `goes on elsewhere when the server ends the connection after an answer`() throws {
        var rehearsal = Rehearsal(PostDialogue(DialogueTask(authority: "h", path: "/")))
        publish([1, 2], on: &rehearsal)
        #expect(rehearsal.dialogue.successor().map { _ in true } == nil)
        _ = rehearsal.takeOutput()
        try rehearsal.hear("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        #expect(rehearsal.takeOutput().isEmpty)
        let next = Rehearsal(try #require(rehearsal.dialogue.successor()))
        #expect(next.output.span.text == Self.request)
    }

    @Test func `an answer to nothing breaks the protocol`() {
        var rehearsal = Rehearsal(PostDialogue(DialogueTask(authority: "h", path: "/")))
        #expect(throws: ClientFailure.brokenProtocol("an answer to no question")) {
            try rehearsal.hear("HTTP/1.1 204 No Content\r\n\r\n")
        }
    }
}
