/// The receiving side of a WebSocket (RFC 6455 §5, RFC 7692 §6): bytes in, whole messages and
/// control frames out, everything checked.
///
/// Give it what was read with `append`, then take events with `next` until it returns nil. The
/// chunks may be cut anywhere. A payload is copied once, from the chunk into the event, and a
/// parser that is between messages and frames holds no memory beside itself.
///
/// Errors show as early as the bytes allow: a wrong head or length before its payload, a text that
/// cannot become UTF-8 at its first wrong byte. After an error or a close frame all further bytes
/// are ignored.
public struct WebSocketParser: ~Copyable {
    private enum Phase {
        case open
        /// A close frame was received.
        case closed
        case failed(WebSocketError)
    }

    private let role: WebSocketRole
    private let isDeflateNegotiated: Bool
    private var phase = Phase.open
    /// At most 1 GiB; no wider, since there is a parser for every connection.
    private let messageBytesMax: Int32
    /// The oldest event; the others are in `unfinished`. It stands here because most chunks hold
    /// one frame.
    private var first: ReceivedEvent?
    /// Nil wherever there is nothing to remember.
    private(set) var unfinished: UnfinishedInput?

    /// `messageBytesMax` bounds the payload of a message: its fragments together, and once more
    /// after inflating. `deflate` is what the handshake negotiated, nil for nothing.
    public init(role: WebSocketRole, messageBytesMax: Int, deflate: PerMessageDeflate?) {
        precondition(
            (1...1 << 30).contains(messageBytesMax), "a message has a limit, of 1 GiB at most")
        self.role = role
        self.messageBytesMax = Int32(messageBytesMax)
        isDeflateNegotiated = deflate != nil
    }

    /// Takes the next bytes of the connection. What is wrong with them shows in `next`, after the
    /// events before it. Answers how many frames the bytes are of.
    @discardableResult
    public mutating func append(_ bytes: Span<UInt8>) -> Int {
        var offset = 0
        var frameCount = 0
        do throws(WebSocketError) {
            while offset < bytes.count, case .open = phase {
                try readStep(bytes, &offset)
                frameCount += 1
            }
        } catch {
            end(.failed(error))
        }
        if unfinished?.isEmpty == true { unfinished = nil }
        return frameCount
    }

    /// Whether `next` has something to tell.
    var hasEvents: Bool {
        if case .failed = phase { return true }
        return first != nil || unfinished?.hasEvents == true
    }

    /// The next event; nil while more bytes are needed, and for ever after a close frame. After an
    /// error, every call throws it again.
    public mutating func next() throws(WebSocketError) -> WebSocketEvent? {
        guard let received = takeReceived() else {
            if case .failed(let error) = phase { throw error }
            return nil
        }
        switch received {
        case .event(let event):
            return event
        case .compressed(let isText, let payload):
            do throws(WebSocketError) {
                return try inflated(payload, isText: isText)
            } catch {
                first = nil
                unfinished = nil
                end(.failed(error))
                throw error
            }
        }
    }

    /// One step: a head, or a part of a payload.
    private mutating func readStep(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) {
        switch unfinished?.reading {
        case .payload(let header, let received):
            try readPayload(header, received: received, bytes, &offset)
        case .header(var head) where !head.isEmpty:
            head.append(bytes[offset])
            offset += 1
            if let header = try parseHeader(head.span) {
                try begin(header, bytes, &offset)
            } else {
                unfinished?.reading = .header(head)
            }
        case .header, nil:
            let rest = bytes.extracting(offset...)
            if let header = try parseHeader(rest) {
                offset += header.headerCount
                try begin(header, bytes, &offset)
            } else {
                var head: [UInt8] = []
                head.append(rest)
                offset = bytes.count
                box().reading = .header(head)
            }
        }
    }

    private func parseHeader(
        _ bytes: Span<UInt8>
    ) throws(WebSocketError) -> WebSocketFrameHeader? {
        try WebSocketFrameHeader.parse(
            bytes, role: role, isDeflateNegotiated: isDeflateNegotiated)
    }

    /// Checks a head against the frames before it and against the limit, then reads the payload.
    private mutating func begin(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) {
        unfinished?.reading = .header([])
        switch header.opcode {
        case .text, .binary:
            guard unfinished?.message == nil else { throw .interruptedMessage }
            try checkSize(header.payloadCount, after: 0, isCompressed: header.isCompressed)
        case .continuation:
            guard let isCompressed = unfinished?.message?.isCompressed,
                let payloadCount = unfinished?.message?.payload.count
            else { throw .unexpectedContinuation }
            try checkSize(header.payloadCount, after: payloadCount, isCompressed: isCompressed)
        case .close, .ping, .pong:
            break
        }
        try readPayload(header, received: 0, bytes, &offset)
    }

    /// DEFLATE may make incompressible bytes a little longer, so compressed ones get some room
    /// here; inflating enforces the limit itself.
    private func checkSize(
        _ count: Int, after earlierCount: Int, isCompressed: Bool
    ) throws(WebSocketError) {
        let countMax = Int(messageBytesMax)
        let room = isCompressed ? countMax / 8 + 64 : 0
        guard count <= countMax + room - earlierCount else { throw .messageTooBig }
    }

    /// Takes what `bytes` has of a payload, and finishes the frame where that was all of it.
    private mutating func readPayload(
        _ header: WebSocketFrameHeader, received: Int, _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(WebSocketError) {
        let count = min(header.payloadCount - received, bytes.count - offset)
        let part = bytes.extracting(offset..<offset + count)
        offset += count
        let isWhole = received + count == header.payloadCount
        if header.opcode.isControl {
            var payload = unfinished?.takeControl() ?? []
            payload.append(part)
            WebSocketMasking.apply(
                header.maskKey, phase: received, to: &payload, from: received)
            if isWhole {
                try finishControl(header.opcode, payload)
            } else {
                box().control = payload
            }
        } else {
            var message = unfinished?.takeMessage() ?? PartialMessage(header)
            try message.append(part, maskKey: header.maskKey, phase: received)
            if isWhole && header.isFinal {
                try finish(message)
            } else {
                box().message = message
            }
        }
        if !isWhole {
            box().reading = .payload(header, received: received + count)
        } else {
            unfinished?.reading = .header([])
        }
    }

    private mutating func finish(_ message: consuming PartialMessage) throws(WebSocketError) {
        if message.isCompressed {
            deliver(.compressed(isText: message.isText, payload: message.payload))
        } else {
            guard message.utf8.isAtBorder else { throw .invalidUTF8 }
            deliver(.event(.message(isText: message.isText, payload: message.payload)))
        }
    }

    private mutating func finishControl(
        _ opcode: WebSocketOpcode, _ payload: [UInt8]
    ) throws(WebSocketError) {
        switch opcode {
        case .ping: deliver(.event(.ping(payload)))
        case .pong: deliver(.event(.pong(payload)))
        case .close:
            deliver(.event(try WebSocketEvent(closePayload: payload)))
            end(.closed)
        case .continuation, .text, .binary:
            preconditionFailure("only control frames come here")
        }
    }

    private func inflated(
        _ payload: [UInt8], isText: Bool
    ) throws(WebSocketError) -> WebSocketEvent {
        let message: [UInt8]
        do throws(InflateError) {
            message = try Inflater.inflate(payload, bytesMax: Int(messageBytesMax))
        } catch {
            switch error {
            case .corrupt: throw .invalidDeflate
            case .tooBig: throw .messageTooBig
            }
        }
        if isText {
            var utf8 = UTF8Validator()
            guard utf8.accept(message.span), utf8.isAtBorder else { throw .invalidUTF8 }
        }
        return .message(isText: isText, payload: message)
    }

    /// Keeps the events that were received before, and forgets everything unfinished.
    private mutating func end(_ phase: Phase) {
        self.phase = phase
        unfinished?.dropInput()
    }

    private mutating func deliver(_ event: ReceivedEvent) {
        if first == nil, unfinished?.hasEvents != true {
            first = event
        } else {
            box().push(event)
        }
    }

    private mutating func takeReceived() -> ReceivedEvent? {
        if let event = first.take() { return event }
        guard let event = unfinished?.popEvent() else { return nil }
        if unfinished?.isEmpty == true { unfinished = nil }
        return event
    }

    private mutating func box() -> UnfinishedInput {
        if let unfinished { return unfinished }
        let created = UnfinishedInput()
        unfinished = created
        return created
    }
}

extension WebSocketEvent {
    /// RFC 6455 §5.5.1: nothing, or a code and then a reason in UTF-8.
    fileprivate init(closePayload payload: [UInt8]) throws(WebSocketError) {
        guard !payload.isEmpty else {
            self = .close(code: nil, reason: "")
            return
        }
        guard payload.count >= 2 else { throw .truncatedCloseCode }
        let code = WebSocketCloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.isValidOnWire else { throw .invalidCloseCode }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw .invalidUTF8
        }
        self = .close(code: code, reason: reason)
    }
}
