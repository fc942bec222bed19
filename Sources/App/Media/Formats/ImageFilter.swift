/// Lets an image through, piece by piece: finds out what it is, walks its structure, and leaves out
/// whatever is not needed to show it, such as where and by whom a photo was taken. What follows the
/// image is left out, too.
struct ImageFilter: Sendable {
    private var feed = ImageFeed()
    private var format: (any FormatFilter)?

    /// The bytes to be kept of those that come next.
    mutating func filter(_ bytes: [UInt8]) throws(ImageError) -> [UInt8] {
        feed.append(bytes)
        try advance()
        return feed.takeOutput()
    }

    /// What the image is, once all of it has come.
    func finish() throws(ImageError) -> FilteredImage {
        guard let format else { throw .unknownFormat }
        guard format.isComplete, !feed.isShort, let size = format.size else { throw .damaged }
        return FilteredImage(
            format: format.format, size: size, byteCount: feed.keptBytes,
            amendment: format.amendment(byteCount: feed.keptBytes))
    }

    private mutating func advance() throws(ImageError) {
        if format == nil {
            guard let signature = feed.peek(ImageFormat.signatureBytes) else { return }
            switch ImageFormat(Array(signature)) {
            case .jpeg: format = JPEGFilter()
            case .png: format = PNGFilter()
            case .webp: format = WebPFilter()
            case .gif: format = GIFFilter()
            case nil: throw .unknownFormat
            }
        }
        while try format?.step(&feed) == true {}
    }
}

/// What came through a filter.
struct FilteredImage: Hashable, Sendable {
    let format: ImageFormat
    let size: ImageSize
    let byteCount: Int
    /// Bytes that must be other ones than were let through, and where they are.
    let amendment: Amendment?

    struct Amendment: Hashable, Sendable {
        let offset: Int
        let bytes: [UInt8]
    }
}

/// One format's walk through a file.
protocol FormatFilter: Sendable {
    var format: ImageFormat { get }
    /// Nil until it is known.
    var size: ImageSize? { get }
    /// Whether the image has ended properly.
    var isComplete: Bool { get }

    /// Decides about the next part of the file; false where more must come first.
    mutating func step(_ feed: inout ImageFeed) throws(ImageError) -> Bool

    /// What must be changed in the `byteCount` bytes that were kept.
    func amendment(byteCount: Int) -> FilteredImage.Amendment?
}

extension FormatFilter {
    func amendment(byteCount: Int) -> FilteredImage.Amendment? { nil }
}
