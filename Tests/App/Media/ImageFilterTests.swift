import Testing

@testable import App

/// What a filter makes of a file, however that arrives.
struct Filtering: Equatable {
    var kept: [UInt8] = []
    var image: FilteredImage?
    var error: ImageError?

    init(_ bytes: [UInt8], chunkBytes: Int = .max) {
        var filter = ImageFilter()
        do throws(ImageError) {
            var rest = bytes[...]
            while !rest.isEmpty {
                kept += try filter.filter(Array(rest.prefix(chunkBytes)))
                rest = rest.dropFirst(chunkBytes)
            }
            let image = try filter.finish()
            if let amendment = image.amendment {
                kept.replaceSubrange(
                    amendment.offset..<(amendment.offset + amendment.bytes.count),
                    with: amendment.bytes)
            }
            self.image = image
        } catch {
            kept = []
            self.error = error
        }
    }
}

struct ImageFilterTests {
    private typealias Samples = SampleImages

    private func expectKept(
        _ kept: [UInt8], of bytes: [UInt8], _ format: ImageFormat,
        at location: SourceLocation = #_sourceLocation
    ) {
        let filtering = Filtering(bytes)
        #expect(filtering.kept == kept, sourceLocation: location)
        #expect(filtering.image?.format == format, sourceLocation: location)
        #expect(filtering.image?.size.width == 4, sourceLocation: location)
        #expect(filtering.image?.size.height == 3, sourceLocation: location)
        #expect(filtering.image?.byteCount == kept.count, sourceLocation: location)
    }

    // MARK: What is kept

    @Test func `keeps a plain image as it is`() {
        expectKept(Samples.jpeg(), of: Samples.jpeg(), .jpeg)
        expectKept(Samples.png(), of: Samples.png(), .png)
        expectKept(Samples.gif(), of: Samples.gif(), .gif)
        for chunk in [Samples.lossy(), Samples.lossless()] {
            expectKept(Samples.webp(chunk), of: Samples.webp(chunk), .webp)
        }
    }

    @Test func `leaves out of a JPEG what is not the picture`() {
        let secrets =
            Samples.segment(0xe1, Samples.text("http://ns.adobe.com/xap/1.0/\0where"))
            + Samples.segment(0xed, Samples.text("Photoshop 3.0\0who"))
            + Samples.segment(0xfe, Samples.text("a comment"))
            + Samples.segment(0xe2, Samples.text("MPF\0another image"))
        expectKept(Samples.jpeg(), of: Samples.jpeg(extra: secrets), .jpeg)
        let needed =
            Samples.segment(0xe0, Samples.text("JFIF\0") + [1, 2, 0, 0, 1, 0, 1, 0, 0])
            + Samples.segment(0xe2, Samples.text("ICC_PROFILE\0colours"))
            + Samples.segment(0xee, Samples.text("Adobe\0colours"))
        expectKept(Samples.jpeg(extra: needed), of: Samples.jpeg(extra: needed), .jpeg)
    }

    @Test(arguments: [true, false], [3, 6, 8])
    func `keeps how a photo is turned, and nothing else of its EXIF`(
        isBig: Bool, orientation: Int
    ) throws {
        let exif = Samples.exif(orientation: orientation, isBig: isBig)
        let filtering = Filtering(Samples.jpeg(extra: exif))
        #expect(filtering.image?.size.width == 4)
        #expect(filtering.kept.firstRange(of: Samples.text("GPS")) == nil)
        let start = try #require(filtering.kept.firstRange(of: Samples.text("Exif\0\0")))
        let said = EXIFOrientation(tiff: Array(filtering.kept[start.upperBound...]))
        #expect(said?.value == UInt8(orientation))
        #expect(filtering.kept.count == Samples.jpeg().count + 36)
    }

    @Test(arguments: [0, 1, 9])
    func `says nothing of a photo that is as it should be`(orientation: Int) {
        let exif = Samples.exif(orientation: orientation, isBig: true)
        expectKept(Samples.jpeg(), of: Samples.jpeg(extra: exif), .jpeg)
    }

    @Test func `leaves the small image out that a JPEG may have in its head`() {
        let jfif = Samples.text("JFIF\0") + [1, 2, 0, 0, 1, 0, 1]
        let with = Samples.segment(0xe0, jfif + [1, 1, 9, 9, 9])
        let without = Samples.segment(0xe0, jfif + [0, 0])
        expectKept(Samples.jpeg(extra: without), of: Samples.jpeg(extra: with), .jpeg)
    }

    @Test func `leaves out of a PNG what is not the picture`() {
        let secrets = ["tEXt", "zTXt", "iTXt", "eXIf", "tIME", "prVt"].flatMap {
            Samples.chunk($0, Samples.text("where and when"))
        }
        let needed = ["gAMA", "iCCP", "tRNS", "acTL"].flatMap { Samples.chunk($0, [1, 2]) }
        expectKept(
            Samples.png(extra: needed), of: Samples.png(extra: secrets + needed), .png)
    }

    @Test func `leaves out of a GIF what is not the picture`() {
        let comment: [UInt8] = [0x21, 0xfe, 2, 65, 66, 0]
        let xmp = [0x21, 0xff, 11] + Samples.text("XMP DataXMP") + [3, 1, 2, 3, 0]
        let loop = [0x21, 0xff, 11] + Samples.text("NETSCAPE2.0") + [3, 1, 0, 0, 0]
        let timing: [UInt8] = [0x21, 0xf9, 4, 0, 0, 0, 0, 0]
        expectKept(
            Samples.gif(extra: loop + timing),
            of: Samples.gif(extra: comment + loop + xmp + timing),
            .gif)
    }

    @Test func `leaves out of a WebP what is not the picture, and makes its head true`() {
        let secrets =
            Samples.riff("EXIF", Samples.text("where"))
            + Samples.riff("XMP ", Samples.text("who")) + Samples.riff("ABCD", [1])
        let colours = Samples.riff("ICCP", [1, 2, 3])
        expectKept(
            Samples.webp(Samples.extended(flags: 0x20) + colours + Samples.lossy()),
            of: Samples.webp(
                Samples.extended(flags: 0x2c) + colours + Samples.lossy() + secrets),
            .webp)
    }

    @Test func `leaves out what follows an image`() {
        let archive = Samples.text("PK\u{3}\u{4}<script>alert(1)</script>")
        for bytes in [
            Samples.jpeg(), Samples.png(), Samples.gif(), Samples.webp(Samples.lossy()),
        ] {
            #expect(Filtering(bytes + archive) == Filtering(bytes))
        }
    }

    // MARK: What is refused

    @Test(arguments: [
        "", "GIF", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "%PDF-1.7 and more than that",
        "BM six kilobytes of nothing", "RIFF\u{4}\0\0\0WAVEfmt ",
    ])
    func `refuses what is no image`(text: String) {
        #expect(Filtering(Array(text.utf8)).error == .unknownFormat)
    }

    static let whole = [
        SampleImages.jpeg(), SampleImages.png(), SampleImages.gif(),
        SampleImages.webp(SampleImages.lossy()),
        SampleImages.webp(SampleImages.extended(flags: 0) + SampleImages.lossless()),
    ]

    @Test(arguments: whole)
    func `refuses an image that ends anywhere before its end`(bytes: [UInt8]) {
        for count in ImageFormat.signatureBytes..<bytes.count {
            #expect(Filtering(Array(bytes[..<count])).error == .damaged, "\(count) bytes")
        }
    }

    @Test func `refuses images of too many pixels, wherever they say so`() {
        let many = (width: 10_000, height: 4_001)
        let (width, height) = many
        for bytes in [
            Samples.jpeg(width: width, height: height), Samples.png(width: width, height: height),
            Samples.gif(width: width, height: height), Samples.gif(part: many),
            Samples.webp(Samples.lossy(width: width, height: height)),
            Samples.webp(Samples.lossless(width: width, height: height)),
            Samples.webp(Samples.extended(flags: 0, width: width, height: height)),
            Samples.png(width: 0x7fff_ffff, height: 0x7fff_ffff),
        ] {
            #expect(Filtering(bytes).error == .tooManyPixels)
        }
        #expect(Filtering(Samples.jpeg(width: 10_000, height: 4_000)).error == nil)
    }

    @Test func `refuses images that contradict themselves`() {
        let damaged: [[UInt8]] = [
            Samples.jpeg(width: 0), Samples.png(height: 0), Samples.gif(width: 0),
            // Two frames, none, one that doesn't say its height, data before any.
            Samples.jpeg(extra: Samples.frame(width: 4, height: 3)),
            [0xff, 0xd8] + Samples.segment(0xdb, [0]) + Samples.scan,
            Samples.jpeg(extra: Samples.segment(0xdc, [0, 3])),
            Samples.jpeg(scan: [0xff, 0xd9]),
            [0xff, 0xd8, 0xff, 0xd8] + Samples.jpeg(),
            Samples.jpeg(extra: [0xff, 0xe1, 0, 1]),
            Samples.png(extra: Samples.chunk("IHDR", [1])),
            Samples.png(extra: Samples.chunk("ABCD", [1])),
            Samples.png(extra: Samples.chunk("gA1A", [1])),
            Samples.png(
                extra: Samples.chunk(
                    "fcTL", Samples.big(0, 4) + Samples.big(5, 4) + [UInt8](repeating: 0, count: 18)
                )),
            Samples.pngSignature + Samples.chunk("IDAT", [1]) + Samples.chunk("IEND", []),
            Samples.gif(extra: [0x22]),
            Samples.webp(Samples.riff("ABCD", [1, 2]) + Samples.lossy()),
            Samples.webp(Samples.extended(flags: 0, width: 9) + Samples.lossy()),
            Samples.webp(Samples.lossy() + Samples.lossy()),
            Samples.webp(Samples.riff("VP8 ", [UInt8](repeating: 0, count: 10))),
            Samples.webp(Samples.extended(flags: 0)),
        ]
        for (index, bytes) in damaged.enumerated() {
            #expect(Filtering(bytes).error == .damaged, "number \(index)")
        }
    }

    // MARK: Pieces

    @Test(arguments: whole)
    func `says the same however the image arrives`(bytes: [UInt8]) {
        let extra = bytes + [1, 2, 3]
        for chunkBytes in [1, 2, 3, 7] {
            #expect(Filtering(extra, chunkBytes: chunkBytes) == Filtering(extra))
        }
    }

    @Test func `outlives whatever is done to an image`() {
        var random = SystemRandomNumberGenerator()
        for bytes in Self.whole {
            for _ in 0..<2_000 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: changed.indices, using: &random)
                    changed[place] = UInt8.random(in: 0...255, using: &random)
                }
                let whole = Filtering(changed)
                #expect(whole == Filtering(changed, chunkBytes: 5), "\(changed)")
                #expect(whole.kept.count <= changed.count + 36)
            }
        }
    }
}
