import Testing

@testable import Transport

struct WebSocketParserTests {
    @Test func `reads the examples of RFC 6455`() {
        #expect(
            WebSocketReading([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], role: .client).events
                == [.text("Hello")])
        #expect(
            WebSocketReading([
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
            ]).events == [.text("Hello")])
        #expect(
            WebSocketReading(
                [0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], role: .client
            ).events == [.text("Hello")])
        #expect(
            WebSocketReading([0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], role: .client).events
                == [.ping(Array("Hello".utf8))])
        #expect(
            WebSocketReading([
                0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
            ]).events == [.pong(Array("Hello".utf8))])
    }

    @Test(arguments: [0, 1, 15, 16, 17, 125, 126, 127, 128, 65535, 65536, 70001])
    func `reads payloads of any length form`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for role in [WebSocketRole.server, .client] {
            let frame = RawFrame(
                opcode: 0x2, payload: payload, maskKey: role == .server ? [1, 2, 3, 4] : nil)
            #expect(
                WebSocketReading(
                    chunks: [frame.bytes[...]], role: role
                ).events == [.message(isText: false, payload: payload)])
            #expect(
                WebSocketReading(
                    chunks: frame.bytes.chunks(of: 1009), role: role
                ).events == [.message(isText: false, payload: payload)])
        }
    }

    @Test func `reads several frames in one chunk, whatever the chunk ends with`() {
        let bytes =
            RawFrame.text("one").bytes + RawFrame(opcode: 0x9).bytes
            + RawFrame.text("t", isFinal: false).bytes + RawFrame(opcode: 0xA, payload: [7]).bytes
            + RawFrame.continuation("w").bytes
        let reading = WebSocketReading(bytes)
        #expect(reading.error == nil)
        #expect(reading.events == [.text("one"), .ping([]), .pong([7]), .text("tw")])
    }

    @Test func `keeps the order of events that nobody took between two chunks`() throws {
        var parser = WebSocketParser(role: .server, messageBytesMax: 100, deflate: nil)
        for text in ["1", "2", "3", "4"] { parser.append(RawFrame.text(text).bytes) }
        #expect(try parser.next() == .text("1"))
        #expect(try parser.next() == .text("2"))
        parser.append(RawFrame.text("5").bytes)
        for text in ["3", "4", "5"] { #expect(try parser.next() == .text(text)) }
        #expect(try parser.next() == nil)
    }

    @Test func `tells how many frames a chunk is of`() {
        var parser = WebSocketParser(role: .server, messageBytesMax: 1_024, deflate: nil)
        let ping = RawFrame(opcode: 0x9, payload: [], maskKey: [1, 2, 3, 4]).bytes
        let pings = Array(repeatElement(ping, count: 100).joined())
        let frameCount = parser.append(pings.span)
        #expect(frameCount == 100)
        #expect(Reactor.isCrumbs(100, in: pings.count))
        #expect(!Reactor.isCrumbs(1, in: ping.count))
        #expect(!Reactor.isCrumbs(100, in: 65_536))
    }

    @Test func `joins fragments around control frames`() {
        let bytes =
            RawFrame.text("Hel", isFinal: false).bytes + RawFrame(opcode: 0x9, payload: [1]).bytes
            + RawFrame.continuation("", isFinal: false).bytes
            + RawFrame.continuation("lo", isFinal: false).bytes + RawFrame(opcode: 0xA).bytes
            + RawFrame.continuation("").bytes + RawFrame.text("").bytes
        #expect(
            WebSocketReading(bytes).events
                == [.ping([1]), .pong([]), .text("Hello"), .text("")])
    }

    @Test(arguments: [UInt8(1), 2, 3, 4, 5, 6, 7], [UInt8(0x1), 0x2, 0x9, 0x8])
    func `refuses reserved bits that nobody negotiated`(reserved: UInt8, opcode: UInt8) {
        let frame = RawFrame(opcode: opcode, reserved: reserved)
        expect(frame.bytes, refusedAs: .reservedBits)
    }

    @Test func `refuses RSV2 and RSV3 with compression, and RSV1 beyond the start of a message`() {
        let deflate = PerMessageDeflate()
        for reserved in [UInt8(1), 2, 3, 5, 6, 7] {
            let frame = RawFrame(opcode: 0x1, reserved: reserved)
            expect(frame.bytes, refusedAs: .reservedBits, deflate: deflate)
        }
        let start = RawFrame(opcode: 0x1, isFinal: false, reserved: 4)
        for opcode in [UInt8(0x0), 0x8, 0x9, 0xA] {
            let next = RawFrame(opcode: opcode, reserved: 4)
            expect(start.bytes + next.bytes, refusedAs: .reservedBits, deflate: deflate)
        }
    }

    @Test(arguments: [UInt8(0x3), 0x4, 0x5, 0x6, 0x7, 0xB, 0xC, 0xD, 0xE, 0xF])
    func `refuses reserved opcodes`(opcode: UInt8) {
        expect(RawFrame(opcode: opcode).bytes, refusedAs: .reservedOpcode)
        expect(RawFrame(opcode: opcode, payload: [1]).bytes, refusedAs: .reservedOpcode)
    }

    @Test func `refuses an unmasked frame from a client, and a masked one from a server`() {
        expect(RawFrame(opcode: 0x1, maskKey: nil).bytes, refusedAs: .unmaskedFrame)
        expect(RawFrame(opcode: 0x1).bytes, refusedAs: .maskedFrame, role: .client)
    }

    @Test(arguments: [UInt8(0x8), 0x9, 0xA])
    func `refuses control frames in fragments or above 125 bytes`(opcode: UInt8) {
        expect(RawFrame(opcode: opcode, isFinal: false).bytes, refusedAs: .fragmentedControl)
        let long = RawFrame(opcode: opcode, payload: [UInt8](repeating: 0, count: 126))
        expect(long.bytes, refusedAs: .oversizedControl)
        let longest = RawFrame(opcode: 0x9, payload: [UInt8](repeating: 0, count: 125))
        #expect(WebSocketReading(longest.bytes).events == [.ping(longest.payload)])
    }

    @Test(
        arguments: [
            [0x82, 0xFE, 0, 0, 0, 0, 0, 0], [0x82, 0xFE, 0, 125, 0, 0, 0, 0],
            [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0],
        ] as [[UInt8]])
    func `refuses lengths in more bytes than they need`(bytes: [UInt8]) {
        expect(bytes, refusedAs: .overlongLength)
    }

    @Test func `refuses a length of 2^63 or more, and any above the limit by its head alone`() {
        expect(
            [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], refusedAs: .lengthOutOfRange)
        expect(
            [0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7) + [0, 0, 0, 0],
            refusedAs: .messageTooBig)
    }

    @Test func `refuses a continuation of nothing, and a new message within another`() {
        expect(RawFrame.continuation("a").bytes, refusedAs: .unexpectedContinuation)
        expect(
            RawFrame.text("a").bytes + RawFrame.continuation("", isFinal: false).bytes,
            refusedAs: .unexpectedContinuation, after: [.text("a")])
        for opcode in [UInt8(0x1), 0x2] {
            expect(
                RawFrame.text("a", isFinal: false).bytes + RawFrame(opcode: opcode).bytes,
                refusedAs: .interruptedMessage)
        }
    }

    @Test func `counts the fragments of a message together against the limit`() {
        let fragment = RawFrame(opcode: 0x2, isFinal: false, payload: [1, 2, 3])
        let exact = RawFrame(opcode: 0x0, payload: [4, 5])
        #expect(
            WebSocketReading(fragment.bytes + exact.bytes, messageBytesMax: 5).events
                == [.message(isText: false, payload: [1, 2, 3, 4, 5])])
        let head = RawFrame(opcode: 0x0, payload: [4, 5, 6]).bytes.prefix(6)
        expect(fragment.bytes + Array(head), refusedAs: .messageTooBig, messageBytesMax: 5)
        let whole = RawFrame(opcode: 0x2, payload: [1, 2, 3, 4, 5, 6]).bytes.prefix(6)
        expect(Array(whole), refusedAs: .messageTooBig, messageBytesMax: 5)
    }

    @Test func `hands out what came before an error, then nothing but the error`() throws {
        var parser = WebSocketParser(role: .server, messageBytesMax: 10, deflate: nil)
        let good = RawFrame.text("a").bytes
        parser.append(good + RawFrame(opcode: 0x3).bytes + good)
        #expect(try parser.next() == .text("a"))
        #expect(throws: WebSocketError.reservedOpcode) { _ = try parser.next() }
        parser.append(good)
        #expect(throws: WebSocketError.reservedOpcode) { _ = try parser.next() }
    }

    @Test func `is small, and holds no memory beside itself between frames`() throws {
        #expect(MemoryLayout<WebSocketParser>.size <= 64)
        var parser = WebSocketParser(role: .server, messageBytesMax: 100, deflate: nil)
        let message =
            RawFrame.text("a", isFinal: false).bytes + RawFrame(opcode: 0x9).bytes
            + RawFrame.continuation("b").bytes
        for byte in message.indices {
            parser.append([message[byte]])
            while try parser.next() != nil {}
        }
        #expect(parser.unfinished == nil)
        parser.append(message + message)
        while try parser.next() != nil {}
        #expect(parser.unfinished == nil)
    }

    private func expect(
        _ bytes: [UInt8], refusedAs error: WebSocketError, after events: [WebSocketEvent] = [],
        role: WebSocketRole = .server, messageBytesMax: Int = 1000,
        deflate: PerMessageDeflate? = nil, location: SourceLocation = #_sourceLocation
    ) {
        let reading = WebSocketReading(
            bytes, role: role, messageBytesMax: messageBytesMax, deflate: deflate,
            location: location)
        #expect(reading.error == error, sourceLocation: location)
        #expect(reading.events == events, sourceLocation: location)
    }
}

extension WebSocketParser {
    fileprivate mutating func append(_ bytes: [UInt8]) {
        append(bytes.span)
    }
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
