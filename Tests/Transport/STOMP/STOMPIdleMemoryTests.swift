import Testing

@testable import Transport

/// Ten thousand idle connections hold ten thousand parsers.
struct STOMPIdleMemoryTests {
    @Test func `holds no buffer between frames`() throws {
        var parser = STOMPParser()
        for _ in 0..<3 {
            parser.append("SEND\n\na\0SEND\n\nb\0\n".utf8.span)
            while try parser.next() != nil {}
            #expect(parser.pending.capacity == 0)
        }
        #expect(MemoryLayout<STOMPParser>.size <= 160)
    }

    @Test func `keeps no more of a batch than the frame it ends within`() throws {
        var parser = STOMPParser()
        let batch = String(repeating: "SEND\n\n0123456789\0", count: 4000) + "SEND\n"
        parser.append(batch.utf8.span)
        while try parser.next() != nil {}
        #expect(parser.pending.count == 5)
        #expect(parser.pending.capacity <= 64)
    }

    @Test func `allocates nothing ahead of an announced body`() throws {
        var parser = STOMPParser()
        parser.append("SEND\ncontent-length:65536\n\nx".utf8.span)
        #expect(try parser.next() == nil)
        #expect(parser.pending.capacity <= 64)
    }

    @Test func `holds no buffer after an error`() {
        var parser = STOMPParser()
        parser.append("SEND\n\n\0nonsense\n".utf8.span)
        #expect(throws: Never.self) { try parser.next() }
        #expect(throws: STOMPError.unknownCommand) { try parser.next() }
        parser.append("SEND\n\n\0".utf8.span)
        #expect(parser.pending.capacity == 0)
    }
}
