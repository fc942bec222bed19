/// A client of an MQTT broker: version 3.1.1, at most once (QoS 0), a clean session.
///
/// QoS 0 has no acknowledgement, so there are no receipts.
final class MQTTDialogue: Dialogue {
    private(set) var isLive = false
    /// CONNECT asks for no keep-alive (MQTT 3.1.1 §3.1.2.10), so neither end needs to be heard.
    let keepAlive = KeepAlive.none
    private let task: DialogueTask
    private var unread = UnreadBytes()

    /// The high half of a packet's first byte (MQTT 3.1.1 §2.2.1).
    private enum PacketType: UInt8 {
        case connect = 1
        case connack = 2
        case publish = 3
        case subscribe = 8
        case suback = 9
        case pingreq = 12
        case pingresp = 13
    }

    /// A string's length has two bytes (MQTT 3.1.1 §1.5.3).
    static let textBytesMax = 0xFFFF
    private static let packetBytesMax = 1 << 20
    private static let subscribeID: [UInt8] = [0, 1]

    init(_ task: DialogueTask) {
        self.task = task
    }

    /// CONNECT (§3.1), without a client identifier: the broker chooses one.
    func begin(into output: inout [UInt8]) {
        var flags: UInt8 = 0x02
        var payload = Self.string("")
        switch task.identity {
        case .nobody:
            break
        case .login(let name, let passcode):
            flags |= 0xC0
            payload += Self.string(name) + Self.string(passcode)
        case .token(let token):
            flags |= 0xC0
            payload += Self.string("token") + Self.string(token)
        }
        let body = Self.string("MQTT") + [4, flags, 0, 0] + payload
        Self.packet(.connect, body, into: &output)
    }

    func receive(
        _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
        telling listener: any DialogueListener
    ) throws(ClientFailure) {
        try unread.read(bytes) { bytes throws(ClientFailure) in
            var offset = 0
            while offset < bytes.count {
                let count = try takeOne(bytes.extracting(offset...), &output, listener)
                if count == 0 { break }
                offset += count
            }
            return offset
        }
    }

    func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {
        Self.packet(.publish, Self.string(message.destination), message.body, into: &output)
    }

    func probe(into output: inout [UInt8]) {
        Self.packet(.pingreq, [], into: &output)
    }

    func beat(into output: inout [UInt8]) {
        Self.packet(.pingreq, [], into: &output)
    }

    // MARK: Receiving

    /// Takes a packet; returns its bytes, 0 while some are missing.
    private func takeOne(
        _ bytes: Span<UInt8>, _ output: inout [UInt8], _ listener: any DialogueListener
    ) throws(ClientFailure) -> Int {
        guard let (headBytes, bodyBytes) = try Self.head(bytes) else { return 0 }
        guard bytes.count >= headBytes + bodyBytes else { return 0 }
        let body = bytes.extracting(headBytes..<headBytes + bodyBytes)
        switch PacketType(rawValue: bytes[0] >> 4) {
        case .connack:
            guard body.count == 2 else { throw .brokenProtocol("CONNACK of a wrong length") }
            guard body[1] == 0 else { throw .refused(Self.reason(body[1])) }
            subscribe(into: &output)
        case .suback:
            guard body.count == 3, body[2] != 0x80 else { throw .refused("the subscription") }
            isLive = true
        case .publish:
            guard bytes[0] & 0x06 == 0 else {
                throw .brokenProtocol("a QoS that was not asked for")
            }
            try takeMessage(body, listener)
        case .pingresp:
            listener.answered()
        case .connect, .subscribe, .pingreq, nil:
            throw .brokenProtocol("packet type \(bytes[0] >> 4) was not expected")
        }
        return headBytes + bodyBytes
    }

    /// The length of a packet's head and of the rest (§2.2.3); nil while the head is not all there.
    private static func head(
        _ bytes: Span<UInt8>
    ) throws(ClientFailure) -> (headBytes: Int, bodyBytes: Int)? {
        var length = 0
        for index in 0..<4 {
            guard index + 1 < bytes.count else { return nil }
            length |= Int(bytes[index + 1] & 0x7F) << (7 * index)
            guard bytes[index + 1] & 0x80 != 0 else {
                guard length <= packetBytesMax else { throw .brokenProtocol("a packet too long") }
                return (index + 2, length)
            }
        }
        throw .brokenProtocol("a length of more than four bytes")
    }

    /// PUBLISH of QoS 0 (§3.3): a topic, then the message.
    private func takeMessage(
        _ body: Span<UInt8>, _ listener: any DialogueListener
    ) throws(ClientFailure) {
        guard body.count >= 2 else { throw .brokenProtocol("a message without a topic") }
        let start = 2 + (Int(body[0]) << 8 | Int(body[1]))
        guard start <= body.count else { throw .brokenProtocol("a topic longer than its packet") }
        let message = body.extracting(start..<body.count)
        if let countedBytesMin = task.countedBytesMin {
            if message.count >= countedBytesMin { listener.counted(1) }
        } else {
            listener.delivered(message, position: Span())
        }
    }

    /// What CONNACK's code means (§3.2.2.3).
    private static func reason(_ code: UInt8) -> String {
        switch code {
        case 1: "unacceptable protocol version"
        case 2: "client identifier rejected"
        case 3: "server unavailable"
        case 4: "bad user name or password"
        case 5: "not authorized"
        default: "code \(code)"
        }
    }

    // MARK: Sending

    /// SUBSCRIBE (§3.8) with QoS 0, where there is something to listen to.
    private func subscribe(into output: inout [UInt8]) {
        guard let filter = task.subscription else {
            isLive = true
            return
        }
        // The low half of the first byte is fixed (§3.8.1).
        Self.packet(
            .subscribe, flags: 0x02, Self.subscribeID + Self.string(filter) + [0], into: &output)
    }

    private static func packet(
        _ type: PacketType, flags: UInt8 = 0, _ start: [UInt8], _ rest: [UInt8] = [],
        into output: inout [UInt8]
    ) {
        output.append(type.rawValue << 4 | flags)
        var length = start.count + rest.count
        repeat {
            output.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
        output += start
        output += rest
    }

    /// A text behind its length (§1.5.3).
    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        precondition(bytes.count <= textBytesMax, "the command line refuses longer strings")
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }
}
