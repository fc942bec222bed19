/// A client's own name for a publication, by which sending it again is recognised.
public struct IdempotencyKey: Sendable, Hashable {
    /// The longest key, in bytes of UTF-8.
    public static let bytesMax = 64

    public let text: String

    /// Nil for a text that is empty or too long.
    public init?(_ text: String) {
        guard (1...Self.bytesMax).contains(text.utf8.count) else { return nil }
        self.text = text
    }
}
