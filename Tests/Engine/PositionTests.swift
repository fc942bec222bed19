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
}
