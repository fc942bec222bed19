import Testing

@testable import Transport

struct UTF8ValidatorTests {
    private static let wellFormed: [[UInt8]] = [
        [], Array("plain".utf8), Array("κόσμε".utf8), Array("강아지 🐕 と 猫".utf8),
        [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
        [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0x00], [0x7F],
    ]

    /// Each with the place of the first byte that nothing can mend.
    private static let malformed: [([UInt8], Int)] = [
        ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xF5, 0x80], 0),
        ([0xFE], 0), ([0xFF], 0), ([0x61, 0xC2, 0x61], 2), ([0xE0, 0x9F, 0xBF], 1),
        ([0xED, 0xA0, 0x80], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xF4, 0x90, 0x80, 0x80], 1),
        ([0xE1, 0x80, 0xC0], 2), ([0xF1, 0x80, 0x80, 0x7F], 3), ([0xCE, 0xBA, 0xBA], 2),
    ]

    @Test(arguments: wellFormed)
    func `accepts well-formed text in any pieces`(bytes: [UInt8]) {
        for first in 0...bytes.count {
            for second in first...bytes.count {
                #expect(
                    isText([bytes[..<first], bytes[first..<second], bytes[second...]]) == true)
            }
        }
    }

    @Test(arguments: malformed)
    func `fails at the first byte that nothing can mend`(bytes: [UInt8], bad: Int) {
        #expect(isText((0..<bad).map { bytes[$0...$0] }) != nil)
        #expect(isText((0...bad).map { bytes[$0...$0] }) == nil)
        for prefixCount in 0..<20 {
            let prefix = [UInt8](repeating: 0x61, count: prefixCount)
            #expect(isText([prefix + bytes[..<bad]]) != nil)
            #expect(isText([prefix + bytes[...bad]]) == nil)
        }
    }

    @Test func `agrees with the standard library on all sequences of two and many of three`() {
        for first in UInt8(0x78)...0xFF {
            for second in UInt8.min...0xFF {
                for third in [UInt8?.none, 0x20, 0x7F, 0x80, 0xA0, 0xBF, 0xC2] {
                    let bytes = [first, second] + (third.map { [$0] } ?? [])
                    let isValid = String(validating: bytes, as: UTF8.self) != nil
                    #expect((isText([bytes[...]]) == true) == isValid)
                }
            }
        }
    }

    @Test func `a text message fails in the middle of a frame, before the rest arrives`() {
        let frame = RawFrame(
            opcode: 0x1, payload: Array("κόσμε".utf8) + [0xF4, 0x90] + Array("edited".utf8))
        let upToIt = frame.bytes.prefix(6 + 11)
        #expect(WebSocketReading(Array(upToIt)).error == nil)
        #expect(WebSocketReading(Array(frame.bytes.prefix(6 + 12))).error == .invalidUTF8)
    }

    @Test func `a character may go over the border of two fragments, not over the end`() {
        let start = RawFrame(opcode: 0x1, isFinal: false, payload: [0xCE])
        let end = RawFrame(opcode: 0x0, payload: [0xBA])
        #expect(WebSocketReading(start.bytes + end.bytes).events == [.text("κ")])
        #expect(
            WebSocketReading(RawFrame(opcode: 0x1, payload: [0xCE]).bytes).error == .invalidUTF8)
        let bad = RawFrame(opcode: 0x0, isFinal: false, payload: [0x41])
        #expect(WebSocketReading(start.bytes + bad.bytes).error == .invalidUTF8)
    }

    @Test func `binary messages may hold anything`() {
        let frame = RawFrame(opcode: 0x2, payload: [0xFF, 0xFE, 0xCE])
        #expect(
            WebSocketReading(frame.bytes).events
                == [.message(isText: false, payload: [0xFF, 0xFE, 0xCE])])
    }

    /// Whether the pieces are a text that ends at the border of a character; nil where they cannot
    /// become a text whatever follows.
    private func isText(_ pieces: [ArraySlice<UInt8>]) -> Bool? {
        var utf8 = UTF8Validator()
        for piece in pieces {
            guard utf8.accept(piece.span) else { return nil }
        }
        return utf8.isAtBorder
    }
}
