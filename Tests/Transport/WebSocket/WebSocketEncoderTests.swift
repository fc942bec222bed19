import Testing
import Transport

struct WebSocketEncoderTests {
    @Test func `writes the examples of RFC 6455`() {
        let hello = Array("Hello".utf8)
        var bytes: [UInt8] = []
        WebSocketEncoder.frame(.text, payload: hello, into: &bytes)
        #expect(bytes == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
        bytes = []
        WebSocketEncoder.frame(.text, payload: hello, maskKey: 0x37fa_213d, into: &bytes)
        #expect(bytes == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        bytes = []
        WebSocketEncoder.header(.binary, payloadCount: 256, into: &bytes)
        #expect(bytes == [0x82, 0x7E, 0x01, 0x00])
        bytes = []
        WebSocketEncoder.header(.binary, payloadCount: 65536, into: &bytes)
        #expect(bytes == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test(arguments: [0, 1, 3, 16, 31, 125, 126, 127, 200, 65535, 65536, 65537])
    func `writes what a parser reads, masked or not`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let event = WebSocketEvent.message(isText: false, payload: payload)
        var masked: [UInt8] = []
        WebSocketEncoder.frame(.binary, payload: payload, maskKey: 0x8001_02FE, into: &masked)
        #expect(
            masked
                == RawFrame(
                    opcode: 0x2, payload: payload, maskKey: [0x80, 0x01, 0x02, 0xFE]
                ).bytes)
        var plain: [UInt8] = []
        WebSocketEncoder.frame(.binary, payload: payload, into: &plain)
        #expect(WebSocketReading(chunks: [plain[...]], role: .client).events == [event])
        var inPlace: [UInt8] = [1, 2, 3]
        WebSocketEncoder.header(.binary, payloadCount: count, into: &inPlace)
        inPlace.append(contentsOf: payload)
        #expect(inPlace == [1, 2, 3] + plain)
    }

    @Test func `marks compressed payloads`() {
        var bytes: [UInt8] = []
        WebSocketEncoder.frame(.text, payload: [0x00], isCompressed: true, into: &bytes)
        #expect(bytes == [0xC1, 0x01, 0x00])
    }

    @Test func `writes close frames`() {
        var bytes: [UInt8] = []
        WebSocketEncoder.close(.expired, reason: "token", into: &bytes)
        #expect(bytes == [0x88, 7, 0x0F, 0xA2] + Array("token".utf8))
        bytes = []
        WebSocketEncoder.close(nil, into: &bytes)
        #expect(bytes == [0x88, 0])
        bytes = []
        WebSocketEncoder.close(.normal, maskKey: 0x0102_0304, into: &bytes)
        #expect(bytes == [0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xE8 ^ 2])
    }

    @Test(arguments: ["a", "é", "強", "🐕", "👩‍👩‍👧"])
    func `cuts a reason at the border of a character`(character: Character) throws {
        for lead in 0..<5 {
            let reason =
                String(repeating: "x", count: lead) + String(repeating: character, count: 130)
            var bytes: [UInt8] = []
            WebSocketEncoder.close(.internalError, reason: reason, into: &bytes)
            let width = character.utf8.count
            #expect(bytes.count == 4 + lead + (123 - lead) / width * width)
            let kept = String(reason.prefix(lead + (123 - lead) / width))
            #expect(
                WebSocketReading(bytes, role: .client).events
                    == [.close(code: .internalError, reason: kept)])
        }
    }
}
