/// GIF (GIF89a). Kept are images, how they follow each other, and how often; comments, texts, XMP and
/// other applications' data are left out.
struct GIFFilter: FormatFilter {
    let format = ImageFormat.gif
    private(set) var size: ImageSize?
    var isComplete: Bool { if case .ended = place { true } else { false } }

    private enum Place {
        case start
        case block
        /// Within data that is cut into pieces of up to 255 bytes.
        case pieces(isKept: Bool)
        case ended
    }

    private var place = Place.start
    private var hasImage = false

    private static let loops = ["NETSCAPE2.0", "ANIMEXTS1.0"].map { Array($0.utf8) }

    mutating func step(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        switch place {
        case .start:
            guard let head = feed.peek(13) else { return false }
            size = try ImageSize(
                width: head.bytes(6, 2).littleEndian, height: head.bytes(8, 2).littleEndian)
            feed.pass(13 + Self.tableBytes(head.byte(10)))
            place = .block
        case .block:
            return try block(&feed)
        case .pieces(let isKept):
            guard let count = feed.peek(1)?.byte(0) else { return false }
            if isKept { feed.pass(Int(count) + 1) } else { feed.skip(Int(count) + 1) }
            if count == 0 { place = .block }
        case .ended:
            guard feed.peek(1) != nil else { return false }
            feed.skip(1 << 40)
            return false
        }
        return true
    }

    private mutating func block(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        guard let introducer = feed.peek(1)?.byte(0) else { return false }
        switch introducer {
        case 0x2c:
            guard let head = feed.peek(10) else { return false }
            let part = try ImageSize(
                width: head.bytes(5, 2).littleEndian, height: head.bytes(7, 2).littleEndian)
            // Some encoders write images that reach beyond the screen; browsers make that larger.
            _ = try ImageSize(
                width: head.bytes(1, 2).littleEndian + part.width,
                height: head.bytes(3, 2).littleEndian + part.height)
            hasImage = true
            // With the table of colours and the size of codes.
            feed.pass(11 + Self.tableBytes(head.byte(9)))
            place = .pieces(isKept: true)
        case 0x21:
            return extensionBlock(&feed)
        case 0x3b:
            guard hasImage else { throw .damaged }
            feed.pass(1)
            place = .ended
        case _:
            throw .damaged
        }
        return true
    }

    private mutating func extensionBlock(_ feed: inout ImageFeed) -> Bool {
        guard let label = feed.peek(2)?.byte(1) else { return false }
        var isKept = label == 0xf9
        if label == 0xff {
            guard let count = feed.peek(3)?.byte(2), let head = feed.peek(3 + Int(count)) else {
                return false
            }
            isKept = Self.loops.contains(Array(head.dropFirst(3)))
        }
        if isKept { feed.pass(2) } else { feed.skip(2) }
        place = .pieces(isKept: isKept)
        return true
    }

    /// How long the table of colours is that a field of flags announces.
    private static func tableBytes(_ flags: UInt8) -> Int {
        flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1)
    }
}
