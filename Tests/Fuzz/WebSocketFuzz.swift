import Transport

/// The WebSocket parser as a server reads, with and without compression, and as a client reads.
struct WebSocketFuzz: FuzzTarget {
    static let name = "websocket"

    private static let messageBytesMax = 1024

    static var corpus: [[UInt8]] {
        let short = Array("Hello, 친구 🐕".utf8)
        let long = [UInt8](repeating: 0x61, count: 300)
        var deflater = Deflater()
        var inputs: [[UInt8]] = []
        for maskKey in [UInt32?.none, 0x37FA_213D] {
            var conversation: [UInt8] = []
            for payload in [short, long, []] {
                var frame: [UInt8] = []
                WebSocketEncoder.frame(.text, payload: payload, maskKey: maskKey, into: &frame)
                WebSocketEncoder.frame(.ping, payload: short, maskKey: maskKey, into: &frame)
                inputs.append(frame)
                // The second half of a message whose first frame has lost its FIN bit.
                frame[0] &= 0x7F
                WebSocketEncoder.frame(
                    .continuation, payload: payload, maskKey: maskKey, into: &frame)
                inputs.append(frame)
                conversation += frame
                WebSocketEncoder.frame(
                    .text, payload: deflater.deflate(payload.span), isCompressed: true,
                    maskKey: maskKey, into: &conversation)
            }
            WebSocketEncoder.frame(
                .binary, payload: [UInt8](repeating: 7, count: messageBytesMax),
                maskKey: maskKey, into: &conversation)
            WebSocketEncoder.close(
                .goingAway, reason: "bye", maskKey: maskKey, into: &conversation)
            inputs.append(conversation)
        }
        return inputs
    }

    static func run(_ input: [UInt8], chunkSizes: [Int]) -> String {
        [
            reading(input, chunkSizes, role: .server, deflate: nil),
            reading(input, chunkSizes, role: .server, deflate: PerMessageDeflate()),
            reading(input, chunkSizes, role: .client, deflate: PerMessageDeflate()),
        ].joined(separator: "\n")
    }

    private static func reading(
        _ input: [UInt8], _ chunkSizes: [Int], role: WebSocketRole, deflate: PerMessageDeflate?
    ) -> String {
        var parser = WebSocketParser(
            role: role, messageBytesMax: messageBytesMax, deflate: deflate)
        var seen: [String] = []
        var start = 0
        var error: WebSocketError?
        var isClosed = false
        for size in chunkSizes {
            parser.append(input.span.extracting(start..<start + size))
            start += size
            do throws(WebSocketError) {
                while let event = try parser.next() {
                    precondition(error == nil && !isClosed, "nothing comes after the end")
                    if case .close = event { isClosed = true }
                    seen.append(description(of: event))
                }
                precondition(error == nil, "an error stays")
            } catch let found {
                precondition(error == nil || error == found, "an error stays the same")
                error = found
            }
        }
        if let error { seen.append("\(error)") }
        return seen.joined(separator: " ")
    }

    private static func description(of event: WebSocketEvent) -> String {
        switch event {
        case .message(let isText, let payload):
            precondition(payload.count <= messageBytesMax, "the limit holds")
            guard isText else { return "binary \(payload)" }
            guard let text = String(validating: payload, as: UTF8.self) else {
                preconditionFailure("a text message is UTF-8")
            }
            return "text \(text)"
        case .ping(let payload): return "ping \(payload)"
        case .pong(let payload): return "pong \(payload)"
        case .close(let code, let reason):
            return "close \(code.map { "\($0.rawValue)" } ?? "-") \(reason)"
        }
    }
}
