/// Compresses messages for permessage-deflate (RFC 7692 §7.2.1), each on its own, so that one
/// compressed payload serves every connection whose window is not smaller.
///
/// It holds some 260 KiB: keep one for each event loop, not one for each connection.
public struct Deflater: ~Copyable {
    /// Messages below this many bytes are not worth the receiver's work.
    public static let payloadBytesMin = 128

    /// The end of the empty stored block that ends a flush, which is not sent.
    private static let tailCount = 4

    private var zlib: ZlibStream

    /// `windowBits` is 8...15, as negotiated. zlib cannot deflate with 8, but with 9 it never
    /// refers back more than 512 − 262 bytes, which a window of 256 holds.
    public init(windowBits: Int = 15) {
        precondition((8...15).contains(windowBits), "RFC 7692 knows windows of 8 to 15 bits")
        zlib = ZlibStream(
            .deflate(windowBits: Int32(max(9, windowBits)), level: 6, memoryLevel: 8))
    }

    /// The compressed form of a message, to be sent with `isCompressed`.
    public mutating func deflate(_ message: Span<UInt8>) -> [UInt8] {
        guard !message.isEmpty else { return [0x00] }
        zlib.reset()
        var payload: [UInt8] = []
        var start = 0
        while true {
            let stop = zlib.run(
                message, from: &start, into: &payload,
                outputBytesMax: max(64, payload.count, message.count / 2))
            switch stop {
            case .outputFull: continue
            case .inputUsed:
                payload.removeLast(Self.tailCount)
                return payload
            case .streamEnd, .corrupt:
                preconditionFailure("deflating neither ends nor fails unless zlib is misused")
            }
        }
    }

    /// The same; nil where the message had better be sent as it is: it is short, or does not
    /// shrink.
    public mutating func deflateIfSmaller(_ message: Span<UInt8>) -> [UInt8]? {
        guard message.count >= Self.payloadBytesMin else { return nil }
        let payload = deflate(message)
        return payload.count < message.count ? payload : nil
    }
}
