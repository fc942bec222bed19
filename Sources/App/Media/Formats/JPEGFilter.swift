/// JPEG (ITU-T T.81, Annex B). Kept are the segments that decoders need, JFIF's, ICC profiles and
/// Adobe's note on colours. EXIF, XMP, IPTC, comments and all else is left out; of EXIF the
/// orientation stays, in a segment of its own, or photos would lie on their side.
struct JPEGFilter: FormatFilter {
    let format = ImageFormat.jpeg
    private(set) var size: ImageSize?
    var isComplete: Bool { if case .ended = place { true } else { false } }

    private enum Place {
        case start
        /// Before a marker.
        case marker
        /// Within the coded data that follows a scan's header.
        case scan
        case ended
    }

    private var place = Place.start
    private var hasScan = false
    private var hasOrientation = false

    mutating func step(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        switch place {
        case .start:
            guard feed.peek(2) != nil else { return false }
            feed.pass(2)
            place = .marker
        case .marker:
            return try segment(&feed)
        case .scan:
            return try scan(&feed)
        case .ended:
            guard feed.peek(1) != nil else { return false }
            feed.skip(1 << 40)
            return false
        }
        return true
    }

    /// Everything up to the next marker that is not a part of the data.
    private mutating func scan(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        guard feed.pass(before: 0xff), let head = feed.peek(2) else { return false }
        switch head.byte(1) {
        case 0x00, 0xd0...0xd7: feed.pass(2)
        // A fill byte.
        case 0xff: feed.pass(1)
        case _: place = .marker
        }
        return true
    }

    private mutating func segment(_ feed: inout ImageFeed) throws(ImageError) -> Bool {
        guard let head = feed.peek(2) else { return false }
        guard head.byte(0) == 0xff else { throw .damaged }
        switch head.byte(1) {
        case 0xff:
            feed.skip(1)
        case 0xd9:
            guard hasScan else { throw .damaged }
            feed.pass(2)
            place = .ended
        // The start of another image, data where none can be, and what is reserved.
        case 0x00...0x01, 0xd0...0xd8, 0x02...0xbf:
            throw .damaged
        case let marker:
            guard let head = feed.peek(4) else { return false }
            let length = head.bytes(2, 2).bigEndian
            guard length >= 2 else { throw .damaged }
            return try segment(marker, byteCount: length + 2, &feed)
        }
        return true
    }

    private mutating func segment(
        _ marker: UInt8, byteCount: Int, _ feed: inout ImageFeed
    ) throws(ImageError) -> Bool {
        switch marker {
        // Tables of codes and of arithmetic conditioning, though they stand among the frames.
        case 0xc4, 0xcc:
            feed.pass(byteCount)
        case 0xc0...0xcf:
            guard let head = feed.peek(9) else { return false }
            guard size == nil, byteCount >= 10, marker != 0xc8 else { throw .damaged }
            size = try ImageSize(
                width: head.bytes(7, 2).bigEndian, height: head.bytes(5, 2).bigEndian)
            feed.pass(byteCount)
        case 0xda:
            guard size != nil else { throw .damaged }
            feed.pass(byteCount)
            hasScan = true
            place = .scan
        // The number of lines, which belongs to frames that don't say it.
        case 0xdc:
            throw .damaged
        // Tables of quantisation, restart intervals, hierarchies.
        case 0xdb, 0xdd...0xdf:
            feed.pass(byteCount)
        case 0xe0...0xef:
            return application(marker, byteCount: byteCount, &feed)
        case _:
            feed.skip(byteCount)
        }
        return true
    }

    private mutating func application(
        _ marker: UInt8, byteCount: Int, _ feed: inout ImageFeed
    ) -> Bool {
        guard let bytes = feed.peek(byteCount) else { return false }
        let content = bytes.dropFirst(4)
        switch marker {
        case 0xe0 where content.starts(with: Array("JFIF\0".utf8)) && content.count >= 14:
            // Without the thumbnail, which may show what was cut off.
            feed.skip(byteCount)
            feed.insert([0xff, 0xe0, 0, 16] + content.prefix(12) + [0, 0])
        case 0xe1 where content.starts(with: Array("Exif\0\0".utf8)):
            let orientation = EXIFOrientation(tiff: Array(content.dropFirst(6)))
            feed.skip(byteCount)
            if let orientation, !hasOrientation {
                hasOrientation = true
                feed.insert(orientation.segment)
            }
        case 0xe2 where content.starts(with: Array("ICC_PROFILE\0".utf8)),
            0xee where content.starts(with: Array("Adobe".utf8)):
            feed.pass(byteCount)
        case _:
            feed.skip(byteCount)
        }
        return true
    }
}

/// How an image is to be turned before it is shown (EXIF 2.3, tag 0x0112): 2 to 8.
struct EXIFOrientation: Hashable, Sendable {
    let value: UInt8

    /// What a TIFF structure says in its first directory; nil where it says nothing, or that nothing
    /// need be done.
    init?(tiff: [UInt8]) {
        let isBig = tiff.starts(with: Array("MM".utf8))
        guard isBig || tiff.starts(with: Array("II".utf8)) else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int? {
            guard offset >= 0, offset + count <= tiff.count else { return nil }
            let bytes = tiff[offset..<(offset + count)]
            return isBig ? bytes.bigEndian : bytes.littleEndian
        }
        guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2)
        else { return nil }
        for index in 0..<count {
            let entry = directory + 2 + 12 * index
            guard let tag = number(entry, 2) else { return nil }
            guard tag == 0x0112 else { continue }
            guard number(entry + 2, 2) == 3, number(entry + 4, 4) == 1,
                let value = number(entry + 8, 2), (2...8).contains(value)
            else { return nil }
            self.value = UInt8(value)
            return
        }
        return nil
    }

    /// A segment of a JPEG file that says this and nothing else.
    var segment: [UInt8] {
        [0xff, 0xe1, 0, 34] + Array("Exif\0\0".utf8)
            + Array("MM".utf8) + [0, 42, 0, 0, 0, 8]
            + [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0, 0, 0, 0, 0]
    }
}
