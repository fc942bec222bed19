import Testing

@testable import LoadTest

struct TemplateTests {
    @Test(
        arguments: [
            ("/topic/{room}", "/topic/7"), ("{room}-{client}", "7-12"), ("{room:3}", "007"),
            ("{client:1}", "12"), ("plain", "plain"), ("", ""), ("{other}", "{other}"),
            ("{", "{"), ("}{room}", "}7"), ("{{room}}", "{7}"), ("{room:99}", "{room:99}"),
            ("{room:}", "{room:}"), (#"{"a":"{room}"}"#, #"{"a":"7"}"#),
        ])
    func `rooms and clients are filled in, and all else stays`(template: String, text: String) {
        #expect(Template(template).text(room: "7", client: 12) == text)
    }

    @Test func `a body has its text between what the template puts around it`() {
        var templates = RoomTemplates.topics
        templates.body = #"{"room":"{room}","text":"{text}"}"#
        let message = templates.room("7").message(Array("hello".utf8), receipt: 5)
        #expect(message.body.span.text == #"{"room":"7","text":"hello"}"#)
        #expect(message.destination == "/topic/load.7")
        #expect(message.receipt == 5)
    }

    @Test func `without a template the text is the body`() {
        let message = RoomTemplates.topics.room("7").message([1, 2], receipt: nil)
        #expect(message.body == [1, 2])
    }
}
