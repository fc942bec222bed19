/// Why a compressed message cannot be inflated.
enum InflateError: Error {
    /// Not DEFLATE, cut short, or in need of an earlier message.
    case corrupt
    /// More bytes than the limit; inflating stopped there.
    case tooBig
}

/// Restores messages that permessage-deflate compressed (RFC 7692 §7.2.2).
///
/// Both sides drop their context after every message here, so nothing outlives a message: the
/// 40 KiB of zlib's state exist only while one is inflated.
enum Inflater {
    /// The end of the last block that a sender takes away, and an empty final block, so that zlib
    /// itself says whether the message ended where it should.
    private static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF, 0x03, 0x00]

    /// The message in `payload`, at most `bytesMax` bytes. No more than that and one byte is ever
    /// inflated, whatever the payload promises.
    static func inflate(
        _ payload: [UInt8], bytesMax: Int
    ) throws(InflateError) -> [UInt8] {
        guard !payload.isEmpty else { return [] }
        var zlib = ZlibStream(.inflate(windowBits: 15))
        var message: [UInt8] = []
        let endedByItself = try run(
            &zlib, payload, into: &message, bytesMax: bytesMax)
        if endedByItself { return message }

        var tailStart = 0
        let messageCount = message.count
        let stop = zlib.run(Self.tail.span, from: &tailStart, into: &message, outputBytesMax: 1)
        guard stop == .streamEnd, tailStart == Self.tail.count, message.count == messageCount
        else { throw .corrupt }
        return message
    }

    /// Inflates all of `payload`. True where its last byte was the end of a final block; a final
    /// block before that is followed by a new stream (RFC 7692 §7.2.3.4).
    private static func run(
        _ zlib: inout ZlibStream, _ payload: [UInt8], into message: inout [UInt8], bytesMax: Int
    ) throws(InflateError) -> Bool {
        var start = 0
        while true {
            let room = min(
                max(256, 3 * payload.count, message.count), bytesMax + 1 - message.count)
            let stop = zlib.run(
                payload.span, from: &start, into: &message, outputBytesMax: room)
            guard message.count <= bytesMax else { throw .tooBig }
            switch stop {
            case .inputUsed: return false
            case .outputFull: continue
            case .corrupt: throw .corrupt
            case .streamEnd:
                if start == payload.count { return true }
                zlib.reset()
            }
        }
    }
}
