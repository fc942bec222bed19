/// WebP (RFC 9649). Kept are images, their animation and colour profile; EXIF, XMP and unknown chunks
/// are left out, and the file's own words on its length and content made true.
struct WebPFilter: FormatFilter {
    let format = ImageFormat.webp
    private(set) var size: ImageSize?
    var isComplete: Bool { hasBegun && bytesLeft == 0 && hasImage }

    private var hasBegun = false
    private var isExtended = false
    private var hasImage = false
    /// Of what the file says its length is.
    private var bytesLeft = 0

    private static let kept: Set<String> = [
        "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP",
    ]

    mutating func step(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        guard hasBegun else {
            guard let head = feed.peek(12) else { return false }
            bytesLeft = head.bytes(4, 4).littleEndian - 4
            guard bytesLeft >= 8 else { throw .damaged }
            feed.pass(12)
            hasBegun = true
            return true
        }
        guard bytesLeft > 0 else {
            guard feed.peek(1) != nil else { return false }
            feed.skip(1 << 40)
            return false
        }
        guard let head = feed.peek(8) else { return false }
        let type = String(decoding: head.bytes(0, 4), as: UTF8.self)
        let length = head.bytes(4, 4).littleEndian
        let byteCount = 8 + length + length % 2
        guard byteCount <= bytesLeft else { throw .damaged }
        guard try examine(type, length, &feed) else { return false }
        bytesLeft -= byteCount
        guard type != "VP8X" else { return true }
        if Self.kept.contains(type) { feed.pass(byteCount) } else { feed.skip(byteCount) }
        return true
    }

    func amendment(byteCount: Int) -> FilteredImage.Amendment? {
        let length = byteCount - 8
        return FilteredImage.Amendment(
            offset: 4, bytes: (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
    }

    /// Looks at the start of a chunk; false where more of it must come first.
    private mutating func examine(
        _ type: String, _ length: Int, _ feed: inout ImageFeed
    ) throws(ImageError) -> Bool {
        switch type {
        case "VP8X":
            guard let chunk = feed.peek(18) else { return false }
            guard length == 10, size == nil else { throw .damaged }
            size = try Self.canvas(chunk.bytes(12, 6))
            isExtended = true
            let rest = Array(chunk.bytes(9, 9))
            let flags = chunk.byte(8) & ~0x0c  // neither EXIF nor XMP follows
            feed.skip(18)
            feed.insert(Array("VP8X".utf8) + [10, 0, 0, 0, flags] + rest)
        case "ANMF":
            guard let chunk = feed.peek(24) else { return false }
            guard isExtended, length >= 16, let size,
                size.holds(try Self.canvas(chunk.bytes(14, 6)))
            else { throw .damaged }
            hasImage = true
        case "VP8 ":
            guard let chunk = feed.peek(18) else { return false }
            guard length >= 10, Array(chunk.bytes(11, 3)) == [0x9d, 0x01, 0x2a] else {
                throw .damaged
            }
            try found(
                ImageSize(
                    width: chunk.bytes(14, 2).littleEndian & 0x3fff,
                    height: chunk.bytes(16, 2).littleEndian & 0x3fff))
        case "VP8L":
            guard let chunk = feed.peek(13) else { return false }
            guard length >= 5, chunk.byte(8) == 0x2f else { throw .damaged }
            let bits = chunk.bytes(9, 4).littleEndian
            try found(
                ImageSize(width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1))
        case _:
            // A simple file has its image first.
            guard size != nil else { throw .damaged }
        }
        return true
    }

    /// The still image of the file.
    private mutating func found(_ image: ImageSize) throws(ImageError) {
        guard !hasImage, size == nil || size == image else { throw .damaged }
        size = image
        hasImage = true
    }

    private static func canvas(_ bytes: ArraySlice<UInt8>) throws(ImageError) -> ImageSize {
        try ImageSize(
            width: bytes.bytes(0, 3).littleEndian + 1, height: bytes.bytes(3, 3).littleEndian + 1)
    }
}
