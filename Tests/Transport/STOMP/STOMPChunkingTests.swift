import Testing
import Transport

/// The same bytes give the same events and errors, however they arrive.
struct STOMPChunkingTests {
    static let streams: [String] = [
        "CONNECT\naccept-version:1.2\nhost:a\n\n\0",
        "CONNECT\r\naccept-version:1.2\r\nhost:a\r\n\r\n\0\r\n\r\n",
        "CONNECT\nlogin: me\npasscode: x\n\n\0\n\nSEND\ndestination: /a \n\nhello\0\n",
        "CONNECT\naccept-version:1.1\n\n\0SEND\nk:a\\nb\r\n\nx\0",
        "CONNECT\naccept-version:1.2\n\n\0SEND\ndestination:/pub/chat/message/42\n"
            + "content-type:application/json\ncontent-length:7\n\na\0b\0c\0d\0\n\n",
        "CONNECT\naccept-version:1.2\n\n\0SUBSCRIBE\nid:0\ndestination:/sub/chat/1\n\n\0"
            + "BEGIN\ntransaction:1\n\n\0SEND\ntransaction:1\n\nä\0COMMIT\ntransaction:1\n\n\0"
            + "ACK\nid:7\n\n\0DISCONNECT\nreceipt:9\n\n\0",
        "\n\n\r\n\n",
        "CONNECT\naccept-version:1.2\n\n\0SEND\nk:\\t\n\n\0",
        "CONNECT\naccept-version:1.2\n\n\0SEND\nk:a\rb\n\n\0",
        "CONNECT\naccept-version:1.2\n\n\0SEND\ncontent-length:2\n\nabc\0",
        "CONNECT\n\n\0SEND\nwithout colon\n\n\0",
        "CONNECT\n\n\0\n\n\0SEND\n\n\0",
        "CONNECT\n\nx\0",
        "SEND\n\n\0\rSEND\n\n\0",
        "MESSAGE\nk:ключ 値 🐈\n\nключ 値 🐈\0RECEIPT\nreceipt-id:7\n\n\0",
        "SEND\nk:v\0\nSEND\n\n\0",
        "nonsense and more nonsense",
    ]

    @Test(arguments: streams)
    func `gives the same byte by byte as whole`(stream: String) {
        let bytes = Array(stream.utf8)
        #expect(feed(bytes.map { [$0] }) == feed([bytes]))
    }

    @Test(arguments: streams)
    func `gives the same split at every byte as whole`(stream: String) {
        let bytes = Array(stream.utf8)
        let whole = feed([bytes])
        for split in 0...bytes.count {
            #expect(feed([Array(bytes[..<split]), Array(bytes[split...])]) == whole)
        }
    }

    @Test(arguments: streams)
    func `gives the same frame by frame as batched`(stream: String) {
        var chunks: [[UInt8]] = [[]]
        for byte in stream.utf8 {
            chunks[chunks.count - 1].append(byte)
            if byte == 0 { chunks.append([]) }
        }
        #expect(feed(chunks) == feed(stream))
    }

    @Test func `reads a batch whose events are taken only at its end`() throws {
        var parser = STOMPParser()
        for byte in "\nSEND\n\na\0SEND\n\nb\0\n".utf8 {
            let chunk = [byte]
            parser.append(chunk.span)
        }
        var events: [String] = []
        while let event = try parser.next() {
            events.append(describe(event))
        }
        #expect(events == [".", "SEND|a", "SEND|b", "."])
    }

    @Test func `reads a body that arrives in many chunks`() {
        let body = (0..<60_000).map { UInt8(truncatingIfNeeded: $0) }
        let head = Array("SEND\ncontent-length:60000\n\n".utf8)
        let bytes = head + body + [0] + Array("SEND\n\nx\0".utf8)
        let chunks = stride(from: 0, to: bytes.count, by: 1000).map {
            Array(bytes[$0..<min($0 + 1000, bytes.count)])
        }
        #expect(feed(chunks, version: .v12) == feed([bytes], version: .v12))
    }
}
