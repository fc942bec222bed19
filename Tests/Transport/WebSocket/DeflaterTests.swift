import Testing

@testable import Transport

struct DeflaterTests {
    @Test func `writes the example of RFC 7692`() {
        var deflater = Deflater()
        let hello = Array("Hello".utf8)
        for _ in 0..<2 {
            #expect(
                deflater.deflate(hello.span) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        }
        let empty: [UInt8] = []
        #expect(deflater.deflate(empty.span) == [0x00])
    }

    @Test(arguments: 8...15)
    func `writes what inflates to the same, with any window`(windowBits: Int) throws {
        var deflater = Deflater(windowBits: windowBits)
        for count in [1, 2, 100, 127, 128, 1000, 40_000, 300_000] {
            for message in [Self.text(count), Self.noise(count)] {
                let payload = deflater.deflate(message.span)
                #expect(try Inflater.inflate(payload, bytesMax: count) == message)
            }
        }
    }

    @Test(arguments: 8...15)
    func `never refers back further than its window`(windowBits: Int) {
        var deflater = Deflater(windowBits: windowBits)
        for message in [
            Self.text(100_000), Self.repeating(period: 200), Self.repeating(period: 255),
        ] {
            let payload = deflater.deflate(message.span)
            #expect(inflate(payload, windowBits: windowBits) == message)
        }
    }

    @Test func `a receiver with a smaller window would notice`() {
        var deflater = Deflater()
        let message = Self.repeating(period: 3000)
        #expect(inflate(deflater.deflate(message.span), windowBits: 8) == nil)
    }

    @Test func `leaves alone what is short or does not shrink`() {
        var deflater = Deflater()
        let short = [UInt8](repeating: 0x61, count: 127)
        #expect(deflater.deflateIfSmaller(short.span) == nil)
        let noise = Self.noise(5000)
        #expect(deflater.deflateIfSmaller(noise.span) == nil)
        let text = Self.text(1000)
        #expect(deflater.deflateIfSmaller(text.span) == deflater.deflate(text.span))
    }

    /// Inflates with a window of that size and one byte of output at a time, so that nothing but
    /// the window can be referred to; nil where that fails.
    private func inflate(_ payload: [UInt8], windowBits: Int) -> [UInt8]? {
        var zlib = ZlibStream(.inflate(windowBits: Int32(windowBits)))
        var message: [UInt8] = []
        var start = 0
        while true {
            switch zlib.run(payload.span, from: &start, into: &message, outputBytesMax: 1) {
            case .outputFull: continue
            case .inputUsed: return message
            case .streamEnd, .corrupt: return nil
            }
        }
    }

    private static func text(_ count: Int) -> [UInt8] {
        var generator = Numbers(state: 7)
        let words = ["강아지", "cat", "walk", "사료", "{\"message\":\"", "\"}", " ", "42"]
        var text: [UInt8] = []
        while text.count < count {
            text.append(contentsOf: words[Int(generator.next() % 8)].utf8)
        }
        return Array(text.prefix(count))
    }

    private static func noise(_ count: Int) -> [UInt8] {
        var generator = Numbers(state: 1)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 24) }
    }

    private static func repeating(period: Int) -> [UInt8] {
        let noise = noise(period)
        return (0..<20_000).map { noise[$0 % period] }
    }
}

/// Numbers that look random and are the same in every run (xorshift64*).
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
