import Testing

@testable import Transport

struct WebSocketCloseTests {
    @Test func `reads a close frame with a code and a reason, with a code, with nothing`() {
        #expect(
            WebSocketReading(RawFrame.close(1000, Array("bye, 친구".utf8)).bytes).events
                == [.close(code: .normal, reason: "bye, 친구")])
        #expect(
            WebSocketReading(RawFrame.close(4008).bytes).events
                == [.close(code: .tooSlow, reason: "")])
        #expect(
            WebSocketReading(RawFrame(opcode: 0x8).bytes).events
                == [.close(code: nil, reason: "")])
    }

    @Test(
        arguments: [
            1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999,
            4000,
            4999,
        ] as [UInt16])
    func `accepts the codes that may be sent`(code: UInt16) {
        #expect(
            WebSocketReading(RawFrame.close(code).bytes).events
                == [.close(code: WebSocketCloseCode(rawValue: code), reason: "")])
    }

    @Test(
        arguments: [
            0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535,
        ] as [UInt16])
    func `refuses the codes that may not`(code: UInt16) {
        #expect(WebSocketReading(RawFrame.close(code).bytes).error == .invalidCloseCode)
    }

    @Test func `refuses half a code, and a reason that is not UTF-8`() {
        #expect(
            WebSocketReading(RawFrame(opcode: 0x8, payload: [3]).bytes).error
                == .truncatedCloseCode)
        #expect(
            WebSocketReading(RawFrame.close(1000, [0xCE, 0xBA, 0xE1, 0xBD]).bytes).error
                == .invalidUTF8)
    }

    @Test func `ignores everything after a close frame`() {
        let close = RawFrame.close(1000).bytes
        for after in [RawFrame.text("a").bytes, close, [0xFF, 0xFF, 0xFF]] {
            let reading = WebSocketReading(close + after)
            #expect(reading.events == [.close(code: .normal, reason: "")])
            #expect(reading.error == nil)
        }
    }

    @Test func `a close frame ends an unfinished message`() {
        let bytes =
            RawFrame.text("a", isFinal: false).bytes + RawFrame.close(1001).bytes
            + RawFrame.continuation("b").bytes
        #expect(WebSocketReading(bytes).events == [.close(code: .goingAway, reason: "")])
    }

    @Test func `every error has a code that may be sent`() {
        for error in WebSocketError.allCases { #expect(error.closeCode.isValidOnWire) }
        #expect(WebSocketError.messageTooBig.closeCode.rawValue == 1009)
        #expect(WebSocketError.invalidUTF8.closeCode.rawValue == 1007)
        #expect(WebSocketError.unmaskedFrame.closeCode.rawValue == 1002)
    }
}
