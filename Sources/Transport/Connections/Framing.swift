/// What carries STOMP frames on a connection.
enum Framing: Hashable, Sendable {
    /// Plain TCP: frames one after the other.
    case stream
    /// One WebSocket message a frame.
    case webSocket
    /// The same, with permessage-deflate where it pays; the window as negotiated.
    case webSocketDeflated(windowBits: UInt8)
}

/// Puts encoded frames into the form a connection needs, with scratch space that is used again.
///
/// One a loop. Compression keeps no context between messages, so that one result serves every member
/// of a room.
struct FrameWriter {
    private var scratch: [UInt8] = []
    private var deflaters: [UInt8: SharedDeflater] = [:]

    private final class SharedDeflater {
        var deflater: Deflater

        init(windowBits: UInt8) {
            deflater = Deflater(windowBits: Int(windowBits))
        }
    }

    /// Appends the frame that `encode` writes to `buffer`; `isText` says that it is valid UTF-8.
    mutating func append(
        _ framing: Framing, isText: Bool, to buffer: inout [UInt8],
        _ encode: (inout [UInt8]) -> Void
    ) {
        if case .stream = framing { return encode(&buffer) }
        var frame = exchange(&scratch, with: [])
        frame.removeAll(keepingCapacity: true)
        encode(&frame)
        append(frame, as: isText ? .text : .binary, framing, to: &buffer)
        scratch = frame
    }

    /// Appends one WebSocket message.
    mutating func append(
        _ payload: [UInt8], as opcode: WebSocketOpcode, _ framing: Framing,
        to buffer: inout [UInt8]
    ) {
        if case .webSocketDeflated(let windowBits) = framing,
            let compressed = deflater(windowBits).deflater.deflateIfSmaller(payload.span)
        {
            WebSocketEncoder.frame(opcode, payload: compressed, isCompressed: true, into: &buffer)
        } else {
            WebSocketEncoder.frame(opcode, payload: payload, into: &buffer)
        }
    }

    private mutating func deflater(_ windowBits: UInt8) -> SharedDeflater {
        if let known = deflaters[windowBits] { return known }
        let made = SharedDeflater(windowBits: windowBits)
        deflaters[windowBits] = made
        return made
    }
}
