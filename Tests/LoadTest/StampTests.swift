import Testing

@testable import Measure

struct StampTests {
    private let stamp = Stamp(
        run: 7, room: 12, sender: 3, sequence: 4_567, dueUs: 123_456_789_012)

    @Test func `is found within JSON`() {
        let body =
            Array(#"{"id":"9","sender":"~lt","message":""#.utf8)
            + stamp.text(byteCount: 100) + Array(#""}"#.utf8)
        #expect(Stamp(in: body.span) == stamp)
    }

    @Test func `fills a text up to its size`() {
        let text = stamp.text(byteCount: 200)
        #expect(text.count == 200)
        #expect(Stamp(in: text.span) == stamp)
    }

    @Test func `the longest one fits into its bound`() {
        let longest = Stamp(
            run: .max, room: .max, sender: .max, sequence: .max, dueUs: .max)
        #expect(longest.text(byteCount: 0).count <= Stamp.bytesMax)
    }

    @Test func `cut off anywhere, it is none`() {
        let text = stamp.text(byteCount: 0)
        for count in text.indices {
            #expect(Stamp(in: text.span.extracting(first: count)) == nil)
        }
    }

    @Test(arguments: [
        "", "~lt:", "~lt:1:2:3:4;", "~lt:1:2:3:x:5;", "~lt:1:2:3::5;",
        "~lt:99999999999:2:3:4:5;", "~lt:1:2:3:4:1234567890123456789;",
    ])
    func `other texts have none`(text: String) {
        #expect(Stamp(in: text.utf8.span) == nil)
    }
}
