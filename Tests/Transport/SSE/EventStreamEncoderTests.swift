import Testing

@testable import Transport

struct EventStreamEncoderTests {
    private static let letters = [
        "a", "한국어", "🐾", " ", ":", "data: x", "\n", "\r", "\r\n", "\u{0}",
    ]

    /// Texts of all kinds of lines, and what clients are told they are.
    private static let texts = letters.flatMap { first in
        letters.flatMap { second in letters.map { first + second + $0 } }
    }

    private func lines(_ text: String) -> String {
        // Not by characters: to Swift a carriage return and a line feed are one.
        var scalars = String.UnicodeScalarView()
        var hasReturn = false
        for scalar in text.unicodeScalars {
            if !(hasReturn && scalar == "\n") { scalars.append(scalar == "\r" ? "\n" : scalar) }
            hasReturn = scalar == "\r"
        }
        return String(scalars)
    }

    private func bytes(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
        var bytes: [UInt8] = []
        write(&bytes)
        return bytes
    }

    @Test func `an event is its lines and an empty one`() {
        let bytes = bytes {
            EventStreamEncoder.event(
                "typing", id: "7:1", retryMs: 250, data: Array("{}".utf8), into: &$0)
        }
        let text = "event: typing\nid: 7:1\nretry: 250\ndata: {}\n\n"
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }

    @Test func `every text arrives whole, however its lines end and the stream is cut`() {
        let stream = bytes { output in
            for (number, text) in Self.texts.enumerated() {
                EventStreamEncoder.comment(into: &output)
                EventStreamEncoder.event(
                    "said", id: "\(number)", retryMs: Int64(number), data: Array(text.utf8),
                    into: &output)
            }
        }
        let expected = Self.texts.enumerated().map { number, text in
            StreamEvent(name: "said", data: lines(text), lastID: "\(number)")
        }
        var whole = EventReader()
        #expect(whole.read(stream) == expected)
        #expect(whole.retryMs == Self.texts.count - 1)
        #expect(whole.commentCount == Self.texts.count)
        var split = EventReader()
        #expect(stream.flatMap { split.read([$0]) } == expected)
    }

    @Test func `an event without an id leaves what a client has seen`() {
        var reader = EventReader()
        let events = reader.read(
            bytes {
                EventStreamEncoder.event("a", id: "7:5", data: [], into: &$0)
                EventStreamEncoder.event("b", data: [], into: &$0)
            })
        #expect(events.map(\.lastID) == ["7:5", "7:5"])
        #expect(events.map(\.data) == ["", ""])
    }
}

struct EventTemplateTests {
    @Test(arguments: ["{}", "", "two\nlines", "\r", "ends\n"])
    func `a named event is the one that the encoder writes`(text: String) {
        let template = EventTemplate(name: "message", epoch: 0xabc)
        var made: [UInt8] = [1]
        template.write(
            offset: .max, contentType: "text/plain", body: Array(text.utf8), into: &made)
        var expected: [UInt8] = [1]
        EventStreamEncoder.event(
            "message", id: "abc:\(UInt64.max)", data: Array(text.utf8), into: &expected)
        #expect(made == expected)
    }

    @Test(arguments: [
        ("application/json;event=typing", "typing"), ("a/b; x=y;event=read", "read"),
        ("event=none", "message"), ("", "message"),
    ])
    func `an event that names itself does so in its content type, and has no id`(
        type: String, name: String
    ) {
        var bytes: [UInt8] = []
        EventTemplate(name: nil, epoch: 1).write(
            offset: 9, contentType: type, body: Array("{}".utf8), into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "event: \(name)\ndata: {}\n\n")
    }
}
