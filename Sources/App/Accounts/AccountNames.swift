import Foundation

/// An email address in its one spelling: trimmed, lower-cased and composed (NFC). Checked for its
/// shape only; whether it reaches anybody is known when it does.
struct EmailAddress: Hashable, Sendable {
    static let bytesMax = 254

    let text: String

    /// Nil unless the text is `local@domain` of at most 254 bytes (RFC 5321 §4.5.3.1.3), without
    /// spaces or control characters.
    init?(_ input: String) {
        guard let text = oneSpelling(of: input, bytesMax: Self.bytesMax),
            !text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.isInvisible })
        else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count),
            parts[1].split(separator: ".", omittingEmptySubsequences: false)
                .allSatisfy({ !$0.isEmpty })
        else { return nil }
        self.text = text
    }

    /// The part before the @, which names its owner until they choose something else.
    var localPart: String {
        String(text.prefix { $0 != "@" })
    }
}

/// The plain name of an account that the operator made, in its one spelling.
struct LoginName: Hashable, Sendable {
    static let charactersMax = 30

    let text: String

    /// Nil unless the text has 1 to 30 characters out of `a-z`, `0-9`, `.`, `-` and `_`; upper case
    /// is lowered.
    init?(_ input: String) {
        guard let text = oneSpelling(of: input, bytesMax: Self.charactersMax), !text.isEmpty,
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            })
        else { return nil }
        self.text = text
    }
}

/// The name others see; several people may have the same.
struct Nickname: Hashable, Sendable {
    static let charactersMax = 30

    let text: String

    /// Nil unless the trimmed text has 1 to 30 characters, one of them visible, and no control
    /// characters or overrides of the writing direction.
    init?(_ input: String) {
        guard let plain = PlainText(input, characters: 1...Self.charactersMax) else { return nil }
        text = plain.text
    }

    /// The name of somebody who has not chosen one.
    init(default email: EmailAddress) {
        self = Nickname(String(email.localPart.prefix(Self.charactersMax))) ?? Nickname("user")!
    }
}

/// Trimmed, lower-cased and composed; nil above `bytesMax`.
private func oneSpelling(of input: String, bytesMax: Int) -> String? {
    guard input.utf8.count <= 4 * bytesMax else { return nil }
    let text = input.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        .precomposedStringWithCanonicalMapping
    return text.utf8.count <= bytesMax ? text : nil
}
