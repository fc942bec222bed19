import Transport

/// The head of a frame that a server sent (RFC 6455 §5.2), and where its payload is.
///
/// Leaner than the server's parser: nothing is copied, and text is not checked for being UTF-8.
struct WebSocketFrame: Sendable {
    let opcode: WebSocketOpcode
    let isFinal: Bool
    /// Where the payload begins.
    let payloadStart: Int
    let payloadCount: Int

    /// Beyond this a length is taken for a mistake.
    private static let payloadBytesMax = 1 << 26

    var payloadEnd: Int { payloadStart &+ payloadCount }

    /// Reads the head at `start`; nil while it is not all there.
    static func head(
        in bytes: Span<UInt8>, at start: Int
    ) throws(ClientFailure) -> WebSocketFrame? {
        guard start &+ 2 <= bytes.count else { return nil }
        let first = bytes[start]
        let short = bytes[start &+ 1]
        guard first & 0x70 == 0, let opcode = WebSocketOpcode(rawValue: first & 0x0F) else {
            throw .brokenProtocol("a frame begins with \(first)")
        }
        guard short & 0x80 == 0 else { throw .brokenProtocol("a frame is masked") }
        var payloadStart = start &+ 2
        var count = Int(short)
        if short >= 126 {
            let lengthBytes = short == 126 ? 2 : 8
            guard payloadStart &+ lengthBytes <= bytes.count else { return nil }
            count = 0
            for index in payloadStart..<payloadStart &+ lengthBytes {
                count = count &<< 8 | Int(bytes[index])
            }
            payloadStart &+= lengthBytes
        }
        guard (0...payloadBytesMax).contains(count) else {
            throw .brokenProtocol("a frame of \(count) bytes")
        }
        return WebSocketFrame(
            opcode: opcode, isFinal: first & 0x80 != 0, payloadStart: payloadStart,
            payloadCount: count)
    }
}
