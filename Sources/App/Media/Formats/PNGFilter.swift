/// PNG (ISO/IEC 15948), animated ones included. Kept are the chunks that decide how it looks; texts,
/// EXIF, times and everything unknown that may be left out is.
struct PNGFilter: FormatFilter {
    static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    let format = ImageFormat.png
    private(set) var size: ImageSize?
    private(set) var isComplete = false
    private var hasBegun = false
    private var hasData = false

    private static let kept: Set<String> = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP",
        "mDCV", "cLLI", "bKGD", "hIST", "pHYs", "sPLT", "acTL", "fcTL", "fdAT",
    ]

    mutating func step(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        guard !isComplete else {
            guard feed.peek(1) != nil else { return false }
            feed.skip(1 << 40)
            return false
        }
        guard hasBegun else {
            guard feed.peek(8) != nil else { return false }
            feed.pass(8)
            hasBegun = true
            return true
        }
        guard let head = feed.peek(8) else { return false }
        let length = head.bytes(0, 4).bigEndian
        let type = String(decoding: head.bytes(4, 4), as: UTF8.self)
        guard length < 1 << 31, head.bytes(4, 4).allSatisfy(Self.isLetter),
            (size == nil) == (type == "IHDR")
        else { throw .damaged }
        switch type {
        case "IHDR":
            guard let chunk = feed.peek(16) else { return false }
            guard length == 13 else { throw .damaged }
            size = try Self.size(chunk.bytes(8, 8))
        case "fcTL":
            guard let chunk = feed.peek(20) else { return false }
            guard length == 26, let size, size.holds(try Self.size(chunk.bytes(12, 8))) else {
                throw .damaged
            }
        case "IDAT":
            hasData = true
        case "IEND":
            guard length == 0, hasData else { throw .damaged }
            // What follows is no part of it.
            guard feed.peek(12) != nil else { return false }
            isComplete = true
        case _:
            break
        }
        // Length, type and check sum belong to the chunk.
        if Self.kept.contains(type) {
            feed.pass(length + 12)
        } else {
            // A capital says that it can't be understood without.
            guard head.byte(4) & 0x20 != 0 else { throw .damaged }
            feed.skip(length + 12)
        }
        return true
    }

    private static func size(_ bytes: ArraySlice<UInt8>) throws(ImageError) -> ImageSize {
        try ImageSize(width: bytes.bytes(0, 4).bigEndian, height: bytes.bytes(4, 4).bigEndian)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
