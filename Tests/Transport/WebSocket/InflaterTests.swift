import Testing

@testable import Transport

struct InflaterTests {
    private static let hello: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]

    @Test(
        arguments: [
            hello,
            [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
            [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
        ] as [[UInt8]])
    func `reads the examples of RFC 7692`(payload: [UInt8]) {
        #expect(read(RawFrame.compressed(payload).bytes) == .events([.text("Hello")]))
    }

    @Test func `reads a compressed message in fragments`() {
        let first = RawFrame(
            opcode: 0x1, isFinal: false, reserved: 4, payload: Array(Self.hello[..<3]))
        let second = RawFrame(opcode: 0x0, payload: Array(Self.hello[3...]))
        let ping = RawFrame(opcode: 0x9)
        #expect(
            read(first.bytes + ping.bytes + second.bytes) == .events([.ping([]), .text("Hello")]))
    }

    @Test func `reads plain messages between compressed ones`() {
        let compressed = RawFrame.compressed(Self.hello).bytes
        #expect(
            read(compressed + RawFrame.text("plain").bytes + compressed)
                == .events([.text("Hello"), .text("plain"), .text("Hello")]))
    }

    @Test(arguments: [[], [0x00], [0x02, 0x00], [0x03, 0x00]] as [[UInt8]])
    func `reads empty messages`(payload: [UInt8]) {
        #expect(read(RawFrame.compressed(payload).bytes) == .events([.text("")]))
    }

    @Test func `reads on after a final block, and does without the byte that should follow it`() {
        let final: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        #expect(read(RawFrame.compressed(final).bytes) == .events([.text("Hello")]))
        #expect(
            read(RawFrame.compressed(final + final + Self.hello).bytes)
                == .events([.text("HelloHelloHello")]))
    }

    @Test func `refuses a message that refers to the one before it`() {
        let second: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
        #expect(
            read(RawFrame.compressed(Self.hello).bytes + RawFrame.compressed(second).bytes)
                == .error(.invalidDeflate, after: [.text("Hello")]))
    }

    @Test(arguments: 1..<7)
    func `refuses a message that is cut short`(count: Int) {
        let payload = Array(Self.hello.prefix(count))
        #expect(
            read(RawFrame.compressed(payload).bytes) == .error(.invalidDeflate, after: []))
    }

    @Test(arguments: 1...12, [UInt8(0x00), 0x01])
    func `refuses a stored block that lacks its last bytes`(missing: UInt8, header: UInt8) {
        let payload = [header, missing, 0x00, ~missing, 0xFF]
        #expect(
            read(RawFrame.compressed(payload, opcode: 0x2).bytes)
                == .error(.invalidDeflate, after: []))
    }

    @Test(arguments: [[0xFF], [0x06], [0x07, 0x00], Self.hello + [0xFF]] as [[UInt8]])
    func `refuses what is not DEFLATE`(payload: [UInt8]) {
        #expect(
            read(RawFrame.compressed(payload).bytes) == .error(.invalidDeflate, after: []))
    }

    @Test func `refuses text that is not UTF-8 when inflated`() {
        let stored: [UInt8] = [0x00, 0x02, 0x00, 0xFD, 0xFF, 0xCE, 0x41, 0x00]
        #expect(
            read(RawFrame.compressed(stored).bytes) == .error(.invalidUTF8, after: []))
        #expect(
            read(RawFrame.compressed(stored, opcode: 0x2).bytes)
                == .events([.message(isText: false, payload: [0xCE, 0x41])]))
    }

    @Test func `stops a bomb at the limit`() throws {
        let bomb = deflated([UInt8](repeating: 0, count: 64 << 20))
        #expect(bomb.count < 1 << 17)
        #expect(throws: InflateError.tooBig) { try Inflater.inflate(bomb, bytesMax: 1 << 17) }
        let chunk = RawFrame.compressed(bomb, opcode: 0x2).bytes
        let reading = WebSocketReading(
            chunks: [chunk[...]], messageBytesMax: 1 << 17, deflate: PerMessageDeflate())
        #expect(reading.error == .messageTooBig)
    }

    @Test(arguments: [1, 255, 256, 257, 1000, 5000])
    func `inflates up to the limit and not one byte beyond`(count: Int) throws {
        let payload = deflated([UInt8](repeating: 7, count: count))
        #expect(try Inflater.inflate(payload, bytesMax: count).count == count)
        #expect(throws: InflateError.tooBig) {
            try Inflater.inflate(payload, bytesMax: count - 1)
        }
    }

    @Test func `takes incompressible messages that deflating made longer than the limit`() throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let payload = deflated(noise)
        #expect(payload.count > 1000)
        let reading = WebSocketReading(
            RawFrame.compressed(payload, opcode: 0x2).bytes, messageBytesMax: 1000,
            deflate: PerMessageDeflate())
        #expect(reading.events == [.message(isText: false, payload: noise)])
    }

    @Test func `refuses far too many compressed bytes by the head alone`() {
        let head = RawFrame.compressed([UInt8](repeating: 0, count: 2000)).bytes.prefix(8)
        #expect(read(Array(head)) == .error(.messageTooBig, after: []))
    }

    private enum Outcome: Equatable {
        case events([WebSocketEvent])
        case error(WebSocketError, after: [WebSocketEvent])
    }

    private func read(
        _ bytes: [UInt8], location: SourceLocation = #_sourceLocation
    ) -> Outcome {
        let reading = WebSocketReading(
            bytes, messageBytesMax: 1000, deflate: PerMessageDeflate(), location: location)
        guard let error = reading.error else { return .events(reading.events) }
        return .error(error, after: reading.events)
    }

    private func deflated(_ message: [UInt8]) -> [UInt8] {
        var deflater = Deflater()
        return deflater.deflate(message.span)
    }
}
