/// Writes frames (RFC 6455 §5.2), each in the shortest form and whole: we never fragment.
///
/// `maskKey` is nil for a server, whose frames are never masked, and a fresh random number for
/// each frame of a client (RFC 6455 §5.3).
public enum WebSocketEncoder {
    /// Appends the head alone; exactly `payloadCount` bytes are to follow it, masked by the caller
    /// where there is a key. So a payload can be written straight behind it.
    public static func header(
        _ opcode: WebSocketOpcode, payloadCount: Int, isCompressed: Bool = false,
        maskKey: UInt32? = nil, into buffer: inout [UInt8]
    ) {
        precondition(
            !opcode.isControl || (payloadCount <= 125 && !isCompressed),
            "a control frame is short and plain (RFC 6455 §5.5)")
        buffer.append(0x80 | (isCompressed ? 0x40 : 0) | opcode.rawValue)
        let mask: UInt8 = maskKey == nil ? 0 : 0x80
        switch payloadCount {
        case ...125:
            buffer.append(mask | UInt8(payloadCount))
        case ...0xFFFF:
            buffer.append(mask | 126)
            append(UInt16(payloadCount), to: &buffer)
        default:
            buffer.append(mask | 127)
            append(UInt64(payloadCount), to: &buffer)
        }
        if let maskKey { append(maskKey, to: &buffer) }
    }

    /// Appends a whole frame.
    public static func frame(
        _ opcode: WebSocketOpcode, payload: Span<UInt8>, isCompressed: Bool = false,
        maskKey: UInt32? = nil, into buffer: inout [UInt8]
    ) {
        header(
            opcode, payloadCount: payload.count, isCompressed: isCompressed, maskKey: maskKey,
            into: &buffer)
        let start = buffer.count
        buffer.append(payload)
        if let maskKey { WebSocketMasking.apply(maskKey, to: &buffer, from: start) }
    }

    /// Appends a whole frame.
    public static func frame(
        _ opcode: WebSocketOpcode, payload: [UInt8], isCompressed: Bool = false,
        maskKey: UInt32? = nil, into buffer: inout [UInt8]
    ) {
        frame(
            opcode, payload: payload.span, isCompressed: isCompressed, maskKey: maskKey,
            into: &buffer)
    }

    /// Appends a close frame; the reason is cut to 123 bytes at the border of a character. A nil
    /// code is an empty frame, which has no reason either.
    public static func close(
        _ code: WebSocketCloseCode?, reason: String = "", maskKey: UInt32? = nil,
        into buffer: inout [UInt8]
    ) {
        var payload: [UInt8] = []
        if let code {
            precondition(code.isValidOnWire, "this code stands for closing without a frame")
            append(code.rawValue, to: &payload)
            for character in reason {
                guard payload.count + character.utf8.count <= 125 else { break }
                payload.append(contentsOf: character.utf8)
            }
        }
        frame(.close, payload: payload, maskKey: maskKey, into: &buffer)
    }

    private static func append(_ number: some FixedWidthInteger, to buffer: inout [UInt8]) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
            buffer.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
