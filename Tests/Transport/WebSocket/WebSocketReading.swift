import Testing
import Transport

/// What a parser made of some bytes. Two readings of the same bytes are equal, however the bytes
/// were cut.
struct WebSocketReading: Equatable {
    var events: [WebSocketEvent] = []
    var error: WebSocketError?

    /// Reads the chunks in turn, and takes the events after each.
    init(
        chunks: [ArraySlice<UInt8>], role: WebSocketRole = .server,
        messageBytesMax: Int = 1 << 20, deflate: PerMessageDeflate? = nil
    ) {
        var parser = WebSocketParser(
            role: role, messageBytesMax: messageBytesMax, deflate: deflate)
        for chunk in chunks {
            parser.append(chunk.span)
            do throws(WebSocketError) {
                while let event = try parser.next() { events.append(event) }
            } catch {
                self.error = error
            }
        }
    }

    /// Reads the bytes whole, byte by byte, and cut in two at every place, and demands that it
    /// makes no difference.
    init(
        _ bytes: [UInt8], role: WebSocketRole = .server, messageBytesMax: Int = 1 << 20,
        deflate: PerMessageDeflate? = nil, location: SourceLocation = #_sourceLocation
    ) {
        let read = { (chunks: [ArraySlice<UInt8>]) in
            WebSocketReading(
                chunks: chunks, role: role, messageBytesMax: messageBytesMax, deflate: deflate)
        }
        self = read([bytes[...]])
        let byByte = read(bytes.indices.map { bytes[$0...$0] })
        #expect(byByte == self, "byte by byte", sourceLocation: location)
        for cut in bytes.indices.prefix(300) {
            let inTwo = read([bytes[..<cut], bytes[cut...]])
            #expect(inTwo == self, "cut at \(cut)", sourceLocation: location)
        }
    }
}

/// The bytes of one frame, which need not be a valid one.
struct RawFrame {
    var opcode: UInt8
    var isFinal = true
    /// RSV1, RSV2 and RSV3 as 4, 2 and 1.
    var reserved: UInt8 = 0
    var payload: [UInt8] = []
    /// Nil: not masked.
    var maskKey: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]

    static func text(_ text: String, isFinal: Bool = true, reserved: UInt8 = 0) -> RawFrame {
        RawFrame(
            opcode: 0x1, isFinal: isFinal, reserved: reserved, payload: Array(text.utf8))
    }

    static func continuation(_ text: String, isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: 0x0, isFinal: isFinal, payload: Array(text.utf8))
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
        RawFrame(opcode: 0x8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// A whole message with RSV1 and this payload.
    static func compressed(_ payload: [UInt8], opcode: UInt8 = 0x1) -> RawFrame {
        RawFrame(opcode: opcode, reserved: 4, payload: payload)
    }

    /// Masks byte by byte, so that it tells whether the parser's way is right.
    var bytes: [UInt8] {
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        let mask: UInt8 = maskKey == nil ? 0 : 0x80
        switch payload.count {
        case ...125: bytes.append(mask | UInt8(payload.count))
        case ...0xFFFF:
            bytes += [mask | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(mask | 127)
            bytes += (0..<8).reversed().map {
                UInt8(truncatingIfNeeded: payload.count >> ($0 * 8))
            }
        }
        guard let maskKey else { return bytes + payload }
        return bytes + maskKey + payload.enumerated().map { $1 ^ maskKey[$0 % 4] }
    }
}

extension WebSocketEvent {
    static func text(_ text: String) -> WebSocketEvent {
        .message(isText: true, payload: Array(text.utf8))
    }
}
