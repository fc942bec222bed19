import Transport

/// A client's side of a WebSocket, without I/O: the opening handshake, then messages.
struct WebSocketSession {
    private var stage = Stage.unopened
    private var unread = UnreadBytes()
    /// Data frames are counted by their heads where they have at least so many bytes; nil: they are
    /// read.
    var countedBytesMin: Int?
    /// The fragments so far of a message that comes in several.
    private var fragments: [UInt8] = []
    /// What is left of a payload that is counted and not read.
    private var skippedBytesLeft = 0
    private var sender = WebSocketSender()

    private enum Stage {
        case unopened
        case upgrading(WebSocketClientHandshake)
        case open
    }

    /// Where the bytes of a message go, and what is answered to it.
    typealias Reader = (Span<UInt8>, inout [UInt8]) throws(ClientFailure) -> Void

    /// Whether messages can be sent.
    var isOpen: Bool {
        if case .open = stage { true } else { false }
    }

    /// Asks for the upgrade.
    mutating func begin(
        _ task: DialogueTask, subprotocols: [String], into output: inout [UInt8]
    ) {
        var generator = SystemRandomNumberGenerator()
        let handshake = WebSocketClientHandshake(
            subprotocols: subprotocols, offersDeflate: false, using: &generator)
        stage = .upgrading(handshake)
        let own = handshake.headers.fields.map { field in
            DialogueTask.Header(name: field.name, value: field.value)
        }
        HTTPRequest(method: "GET", path: task.path, headers: own + task.httpHeaders)
            .encode(authority: task.authority, into: &output)
    }

    /// Takes what was read, answers pings, and gives each whole message to `reader`.
    mutating func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener, _ reader: Reader
    ) throws(ClientFailure) {
        // Moved out for the call, since it lends out what it keeps.
        var unread = UnreadBytes()
        swap(&unread, &self.unread)
        try unread.read(bytes) { (bytes) throws(ClientFailure) in
            var offset = 0
            if !isOpen {
                guard try upgrade(bytes, &offset) else { return offset }
            }
            if let countedBytesMin {
                try count(bytes, &offset, atLeast: countedBytesMin, &output, listener)
            } else {
                while let frame = try WebSocketFrame.head(in: bytes, at: offset),
                    frame.payloadEnd <= bytes.count
                {
                    offset = frame.payloadEnd
                    let payload = bytes.extracting(frame.payloadStart..<frame.payloadEnd)
                    try take(frame, payload, &output, listener, reader)
                }
            }
            return offset
        }
        swap(&unread, &self.unread)
    }

    // MARK: Opening

    /// Whether the answer is there, and opened a WebSocket.
    private mutating func upgrade(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(ClientFailure) -> Bool {
        guard case .upgrading(let handshake) = stage else {
            throw .brokenProtocol("an answer to no question")
        }
        guard let head = try HTTPAnswer.head(in: bytes, &offset) else { return false }
        do throws(WebSocketClientHandshakeError) {
            _ = try handshake.accept(head)
        } catch {
            if case .refused(let status) = error { throw .notOpened(status.description) }
            throw .notOpened("\(error)")
        }
        stage = .open
        return true
    }

    // MARK: Open

    private mutating func take(
        _ frame: WebSocketFrame, _ payload: Span<UInt8>, _ output: inout [UInt8],
        _ listener: any DialogueListener, _ reader: Reader
    ) throws(ClientFailure) {
        switch frame.opcode {
        case .text where frame.isFinal, .binary where frame.isFinal:
            try reader(payload, &output)
        case .text, .binary:
            fragments.append(payload)
        case .continuation:
            fragments.append(payload)
            guard frame.isFinal else { return }
            var message: [UInt8] = []
            swap(&message, &fragments)
            try reader(message.span, &output)
        case .ping, .pong, .close:
            try control(frame.opcode, payload, &output, listener)
        }
    }

    private mutating func control(
        _ opcode: WebSocketOpcode, _ payload: Span<UInt8>, _ output: inout [UInt8],
        _ listener: any DialogueListener
    ) throws(ClientFailure) {
        switch opcode {
        case .ping:
            sender.send(.pong, payload, into: &output)
        case .pong:
            listener.answered()
        case .close:
            let code = payload.count < 2 ? nil : UInt16(payload[0]) << 8 | UInt16(payload[1])
            throw .closed(code.map { WebSocketCloseCode(rawValue: $0) })
        case .text, .binary, .continuation:
            preconditionFailure("only control frames come here")
        }
    }

    /// Counts messages by the heads of their frames. Payloads are skipped, as far as they are here.
    private mutating func count(
        _ bytes: Span<UInt8>, _ offset: inout Int, atLeast bytesMin: Int,
        _ output: inout [UInt8], _ listener: any DialogueListener
    ) throws(ClientFailure) {
        var deliveryCount = 0
        let skipped = min(skippedBytesLeft, bytes.count - offset)
        skippedBytesLeft -= skipped
        offset += skipped
        while skippedBytesLeft == 0, let frame = try WebSocketFrame.head(in: bytes, at: offset) {
            if frame.opcode.isControl {
                guard frame.payloadEnd <= bytes.count else { break }
                let payload = bytes.extracting(frame.payloadStart..<frame.payloadEnd)
                try control(frame.opcode, payload, &output, listener)
            } else if frame.isFinal, frame.payloadCount >= bytesMin {
                deliveryCount &+= 1
            }
            offset = min(frame.payloadEnd, bytes.count)
            skippedBytesLeft = frame.payloadEnd &- offset
        }
        if deliveryCount > 0 { listener.counted(deliveryCount) }
    }
}
