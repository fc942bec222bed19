import Testing

@testable import Transport

/// Ten thousand idle connections hold ten thousand parsers.
struct HTTPIdleMemoryTests {
    private func capacity(_ parser: HTTPRequestParser) -> Int { parser.input.bytes.capacity }

    @Test func `holds no buffer while it is idle`() throws {
        var parser = HTTPRequestParser()
        #expect(capacity(parser) == 0)
        for text in HTTPChunkingTests.requests {
            let nothing: [UInt8] = []
            parser.append(nothing.span)
            parser.append(Array(text.utf8).span)
            while try parser.next() != nil {}
            #expect(parser.isIdle)
            #expect(capacity(parser) == 0)
        }
        #expect(MemoryLayout<HTTPRequestParser>.size <= 256)
    }

    @Test func `holds no buffer while it waits for more of a body`() throws {
        var parser = HTTPRequestParser()
        parser.append(Array(httpPost("Content-Length: 70000\r\n").utf8).span)
        parser.append([UInt8](repeating: 1, count: 65536).span)
        while try parser.next() != nil {}
        #expect(capacity(parser) == 0)
    }

    @Test func `holds no buffer after an error`() {
        var parser = HTTPRequestParser()
        parser.append(Array("nonsense\r\n".utf8).span)
        #expect(throws: HTTPParseError.self) { try parser.next() }
        parser.append([UInt8](repeating: 1, count: 65536).span)
        #expect(capacity(parser) == 0)
    }
}
