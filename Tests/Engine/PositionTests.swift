import Engine
import Testing

struct PositionTests {
    @Test func `reads back what it writes`() throws {
        let position = Position(epoch: Epoch(rawValue: 0xfeed_beef), offset: 42)
        #expect(position.description == "feedbeef:42")
        #expect(Position("feedbeef:42") == position)
    }

    @Test(arguments: [
        "", ":", "1", "1:", ":1", "1:2:3", "g:1", "1:-1", "+1:1", "1:1 ", "1:99999999999999999999",
    ])
    func `refuses what is not an epoch and an offset`(text: String) {
        #expect(Position(text) == nil)
    }
}

struct StreamNameTests {
    @Test func `tells names apart that only look the same`() {
        let composed = StreamName("caf\u{e9}")
        let decomposed = StreamName("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(composed == StreamName("caf\u{e9}"))
    }

    /// U+212A is the Kelvin sign, U+037E the Greek question mark, U+1FEF the Greek varia.
    @Test(arguments: [("K", "\u{212A}"), (";", "\u{37E}"), ("`", "\u{1FEF}")])
    func `tells ASCII from what Unicode holds for equal to it`(ascii: String, other: String) {
        #expect(ascii == other)
        #expect(StreamName(ascii) != StreamName(other))
        #expect(StreamName(other) != StreamName(ascii))
        #expect(RecordKey("user", ascii) != RecordKey("user", other))
    }
}
