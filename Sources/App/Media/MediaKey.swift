import Transport

/// What an image is called: 128 random bits as base64url, and an extension that says its format. Nobody
/// can guess one, and no other text is one, a path least of all.
struct MediaKey: Hashable, Sendable, CustomStringConvertible {
    /// `dGhpcyBpcyBub3QgYSBrZXk.jpg`, 26 or 27 characters.
    let text: String
    let format: ImageFormat

    private static let randomBytes = 16
    private static let nameCharacters = 22

    /// A new one.
    init(_ format: ImageFormat, random: RandomBytes) {
        self.format = format
        text = "\(Base64.encodeURL(random(Self.randomBytes))).\(format.fileExtension)"
    }

    /// Nil where the text is no key.
    init?(_ text: String) {
        let name = text.utf8.prefix(Self.nameCharacters)
        let rest = text.utf8.dropFirst(Self.nameCharacters)
        guard name.count == Self.nameCharacters, name.allSatisfy(Self.isNameByte),
            rest.first == UInt8(ascii: "."),
            let format = ImageFormat(rawValue: String(rest.dropFirst()) ?? "")
        else { return nil }
        self.text = text
        self.format = format
    }

    var description: String { text }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
