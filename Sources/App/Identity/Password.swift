import Foundation

/// A password that keeps the rules: 8 to 128 bytes of UTF-8 without NUL, in Unicode's composed form
/// (NFC), so that the same characters from another keyboard are the same password.
struct Password: Sendable {
    static let bytesMin = 8
    static let bytesMax = 128

    let bytes: [UInt8]

    /// Nil for a text that breaks the rules.
    init?(_ text: String) {
        // Composing can shorten a text, but longer ones than this are not worth composing.
        guard text.utf8.count <= 4 * Self.bytesMax else { return nil }
        let bytes = Array(text.precomposedStringWithCanonicalMapping.utf8)
        guard (Self.bytesMin...Self.bytesMax).contains(bytes.count), !bytes.contains(0) else {
            return nil
        }
        self.bytes = bytes
    }
}
