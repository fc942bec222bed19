import Testing

@testable import LoadTest

struct PostDialogueTests {
    @Test(arguments: Rehearsal.pieceSizes)
    func `answers belong to requests in their order`(pieceBytes: Int?) throws {
        var rehearsal = Rehearsal(
            PostDialogue(DialogueTask(authority: "h", path: "/")), pieceBytes: pieceBytes)
        #expect(rehearsal.dialogue.isLive)
        for receipt in [7, nil, 9, 10] as [Int64?] {
            let message = OutgoingMessage(
                destination: "/pub/1", body: Array("hello".utf8), receipt: receipt)
            rehearsal.dialogue.publish(message, into: &rehearsal.output)
        }
        let requests = String(decoding: rehearsal.takeOutput(), as: UTF8.self)
        #expect(
            requests.hasPrefix(
                "POST /pub/1 HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n"
                    + "Content-Length: 5\r\n\r\nhelloPOST "))
        try rehearsal.hear(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
                + "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
                + "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(
            rehearsal.events.lines == [
                "acknowledged 7 at ", "refused POST: 503 Service Unavailable",
                "acknowledged 10 at ",
            ])
    }

    @Test func `an answer to nothing breaks the protocol`() {
        var rehearsal = Rehearsal(PostDialogue(DialogueTask(authority: "h", path: "/")))
        #expect(throws: ClientFailure.brokenProtocol("an answer to no question")) {
            try rehearsal.hear("HTTP/1.1 204 No Content\r\n\r\n")
        }
    }
}
