/// Small images, written out by hand: what is in them is known to the byte.
enum SampleImages {
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func big(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }

    static func little(_ number: Int, _ count: Int) -> [UInt8] { big(number, count).reversed() }

    // MARK: JPEG

    static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0xff, marker] + big(content.count + 2, 2) + content
    }

    static func frame(width: Int, height: Int) -> [UInt8] {
        segment(0xc0, [8] + big(height, 2) + big(width, 2) + [1, 1, 0x11, 0])
    }

    /// A scan, its data with a stuffed byte, a restart marker and a fill byte, and the end.
    static let scan: [UInt8] =
        segment(0xda, [1, 1, 0, 0, 63, 0]) + [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xff, 0xd9]

    static func jpeg(
        width: Int = 4, height: Int = 3, extra: [UInt8] = [], scan: [UInt8] = Self.scan
    ) -> [UInt8] {
        [0xff, 0xd8] + extra + segment(0xdb, [0]) + frame(width: width, height: height)
            + segment(0xc4, [0]) + scan
    }

    /// EXIF that says an orientation, and where the photo was taken.
    static func exif(orientation: Int, isBig: Bool) -> [UInt8] {
        let number = isBig ? Self.big : Self.little
        let tiff =
            text(isBig ? "MM" : "II") + number(42, 2) + number(8, 4) + number(2, 2)
            + number(0x8825, 2) + number(4, 2) + number(1, 4) + number(99, 4)
            + number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2)
            + number(0, 2) + number(0, 4) + text("GPS 37.5665 126.9780")
        return segment(0xe1, text("Exif\0\0") + tiff)
    }

    // MARK: PNG

    static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        big(content.count, 4) + text(type) + content + [9, 9, 9, 9]
    }

    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    static func png(width: Int = 4, height: Int = 3, extra: [UInt8] = []) -> [UInt8] {
        pngSignature + chunk("IHDR", big(width, 4) + big(height, 4) + [8, 2, 0, 0, 0]) + extra
            + chunk("IDAT", [1, 2, 3]) + chunk("IEND", [])
    }

    // MARK: GIF

    static func gif(
        width: Int = 4, height: Int = 3, part: (Int, Int) = (4, 3), extra: [UInt8] = []
    ) -> [UInt8] {
        text("GIF89a") + little(width, 2) + little(height, 2) + [0x80, 0, 0, 0, 0, 0, 1, 1, 1]
            + extra + [0x2c, 0, 0, 0, 0] + little(part.0, 2) + little(part.1, 2)
            + [0x80, 5, 5, 5, 6, 6, 6, 2, 3, 0x3b, 0x3b, 0x3b, 0, 0x3b]
    }

    // MARK: WebP

    static func riff(_ type: String, _ content: [UInt8]) -> [UInt8] {
        text(type) + little(content.count, 4) + content + (content.count % 2 == 1 ? [0] : [])
    }

    static func webp(_ chunks: [UInt8]) -> [UInt8] {
        text("RIFF") + little(chunks.count + 4, 4) + text("WEBP") + chunks
    }

    static func lossy(width: Int = 4, height: Int = 3) -> [UInt8] {
        riff("VP8 ", [0, 0, 0, 0x9d, 0x01, 0x2a] + little(width, 2) + little(height, 2) + [7])
    }

    static func lossless(width: Int = 4, height: Int = 3) -> [UInt8] {
        riff("VP8L", [0x2f] + little((width - 1) | (height - 1) << 14, 4) + [7, 7])
    }

    static func extended(flags: UInt8, width: Int = 4, height: Int = 3) -> [UInt8] {
        riff("VP8X", [flags, 0, 0, 0] + little(width - 1, 3) + little(height - 1, 3))
    }
}
