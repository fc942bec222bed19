/// What carries the frames of a session on a connection.
enum Framing: Hashable, Sendable {
    /// Plain TCP: frames one after the other.
    case stream
    /// One WebSocket message a frame.
    case webSocket
    /// The same, with permessage-deflate where it pays; the window as negotiated.
    case webSocketDeflated(windowBits: UInt8)
    /// Events in the body of an HTTP response, each in a chunk of its own where it is chunked.
    case eventStream(isChunked: Bool)

    /// Whether publications are events, and not STOMP's messages.
    var carriesEvents: Bool {
        if case .eventStream = self { true } else { false }
    }
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
        switch framing {
        case .stream, .eventStream(isChunked: false):
            encode(&buffer)
        case .eventStream(isChunked: true):
            let frame = frame(encode)
            HTTPChunkEncoder.encode(frame.span, into: &buffer)
            scratch = frame
        case .webSocket, .webSocketDeflated:
            let frame = frame(encode)
            append(frame, as: isText ? .text : .binary, framing, to: &buffer)
            scratch = frame
        }
    }

    /// What is written in the scratch space, which is to be given back.
    private mutating func frame(_ encode: (inout [UInt8]) -> Void) -> [UInt8] {
        var frame = exchange(&scratch, with: [])
        frame.removeAll(keepingCapacity: true)
        encode(&frame)
        return frame
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
