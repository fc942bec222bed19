/// The formats that images may have.
enum ImageFormat: String, CaseIterable, Codable, Sendable {
    case jpeg = "jpg"
    case png
    case webp
    case gif

    var mediaType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        case .webp: "image/webp"
        case .gif: "image/gif"
        }
    }

    /// What the name of such a file ends with.
    var fileExtension: String { rawValue }

    init?(mediaType: String) {
        guard let format = Self.allCases.first(where: { $0.mediaType == mediaType }) else {
            return nil
        }
        self = format
    }

    /// Bytes from which `init(_:)` decides.
    static let signatureBytes = 12

    /// The format of a file that begins with these 12 bytes, whatever it is called.
    init?(_ signature: [UInt8]) {
        if signature.starts(with: [0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if signature.starts(with: PNGFilter.signature) {
            self = .png
        } else if signature.starts(with: Array("GIF87a".utf8))
            || signature.starts(with: Array("GIF89a".utf8))
        {
            self = .gif
        } else if signature.starts(with: Array("RIFF".utf8)),
            signature.dropFirst(8).starts(with: Array("WEBP".utf8))
        {
            self = .webp
        } else {
            return nil
        }
    }
}

/// Why bytes are not taken as an image.
enum ImageError: Error, Hashable, Sendable {
    /// None of the formats.
    case unknownFormat
    /// It begins like an image, and isn't one, or is not whole.
    case damaged
    /// More pixels than anybody's browser should unpack.
    case tooManyPixels
}

/// Width and height of an image, in pixels.
struct ImageSize: Hashable, Codable, Sendable {
    let width: Int
    let height: Int

    /// More than the cameras of phones have.
    static let pixelsMax = 40_000_000

    /// Throws where no such image is taken.
    init(width: Int, height: Int) throws(ImageError) {
        guard width > 0, height > 0 else { throw .damaged }
        guard width <= Self.pixelsMax, height <= Self.pixelsMax / width else {
            throw .tooManyPixels
        }
        self.width = width
        self.height = height
    }

    /// Whether a part of the image of this size fits in, wherever it is.
    func holds(_ part: ImageSize) -> Bool { part.width <= width && part.height <= height }
}
