/// Texts that were met before, so that those who say the same share one copy.
///
/// Each text has one place, by its bytes; another one with that place takes it over. So the cache
/// is bounded, and nobody can fill it.
struct TextCache: Sendable {
    private var texts: [String] = Array(repeating: "", count: placeCount)

    /// A power of two.
    private static let placeCount = 1_024
    /// Longer texts are not kept.
    private static let bytesMax = 256

    /// The text of these bytes, which are UTF-8.
    mutating func text(of bytes: Span<UInt8>) -> String {
        guard bytes.count <= Self.bytesMax else { return STOMPBytes.text(bytes) }
        let place = Int(truncatingIfNeeded: STOMPBytes.hash(bytes) % UInt64(Self.placeCount))
        if STOMPBytes.equal(texts[place].utf8.span, bytes) { return texts[place] }
        let text = STOMPBytes.text(bytes)
        texts[place] = text
        return text
    }
}
