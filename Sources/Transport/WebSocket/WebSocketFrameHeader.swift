/// The head of a frame (RFC 6455 §5.2), checked as far as it can be without knowing the frames
/// before it.
struct WebSocketFrameHeader {
    let opcode: WebSocketOpcode
    let isFinal: Bool
    /// RSV1, which RFC 7692 §6 defines as "this message is compressed".
    let isCompressed: Bool
    let payloadCount: Int
    /// The first byte on the wire is the most significant; 0 where the frame is not masked.
    let maskKey: UInt32
    /// The bytes of the head itself: 2...14.
    let headerCount: Int

    /// Reads the head at the start of `bytes`; nil where it is not all there yet. A wrong first or
    /// second byte is reported without waiting for the rest.
    static func parse(
        _ bytes: Span<UInt8>, role: WebSocketRole, isDeflateNegotiated: Bool
    ) throws(WebSocketError) -> WebSocketFrameHeader? {
        guard bytes.count >= 2 else { return nil }
        let isFinal = bytes[0] & 0x80 != 0
        let isCompressed = bytes[0] & 0x40 != 0
        guard bytes[0] & 0x30 == 0 else { throw .reservedBits }
        guard let opcode = WebSocketOpcode(rawValue: bytes[0] & 0x0F) else {
            throw .reservedOpcode
        }
        let startsMessage = opcode == .text || opcode == .binary
        guard !isCompressed || (isDeflateNegotiated && startsMessage) else { throw .reservedBits }
        guard isFinal || !opcode.isControl else { throw .fragmentedControl }

        let isMasked = bytes[1] & 0x80 != 0
        switch role {
        case .server: guard isMasked else { throw .unmaskedFrame }
        case .client: guard !isMasked else { throw .maskedFrame }
        }
        let shortLength = bytes[1] & 0x7F
        guard shortLength <= 125 || !opcode.isControl else { throw .oversizedControl }

        let lengthEnd = shortLength <= 125 ? 2 : shortLength == 126 ? 4 : 10
        let headerCount = lengthEnd + (isMasked ? 4 : 0)
        guard bytes.count >= headerCount else { return nil }
        return WebSocketFrameHeader(
            opcode: opcode, isFinal: isFinal, isCompressed: isCompressed,
            payloadCount: try payloadCount(shortLength, extended: bytes.extracting(2..<lengthEnd)),
            maskKey: UInt32(
                truncatingIfNeeded: bigEndian(bytes.extracting(lengthEnd..<headerCount))),
            headerCount: headerCount)
    }

    /// The length must be in its shortest form, and below 2^63.
    private static func payloadCount(
        _ shortLength: UInt8, extended: Span<UInt8>
    ) throws(WebSocketError) -> Int {
        switch extended.count {
        case 0: return Int(shortLength)
        case 2:
            let length = bigEndian(extended)
            guard length > 125 else { throw .overlongLength }
            return Int(length)
        default:
            let length = bigEndian(extended)
            guard length > 0xFFFF else { throw .overlongLength }
            guard let count = Int(exactly: length) else { throw .lengthOutOfRange }
            return count
        }
    }

    private static func bigEndian(_ bytes: Span<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        for index in bytes.indices { value = value << 8 | UInt64(bytes[index]) }
        return value
    }
}
