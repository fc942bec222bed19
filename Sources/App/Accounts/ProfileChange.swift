/// What a user wants to be different about their account; nil leaves a thing as it is.
struct ProfileChange: Sendable {
    /// A new password, and the old one to prove that its owner asks.
    struct PasswordChange: Sendable {
        let old: String
        let new: String
    }

    var nickname: String?
    var password: PasswordChange?
    /// The key of a stored picture.
    var image: String?

    /// True for a key that `/media` could serve: 1 to 128 letters, digits, '.', '-' and '_'.
    static func isImageKey(_ key: String) -> Bool {
        (1...128).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
