import Engine

/// What a user wants to be different about their account; nil leaves a thing as it is.
struct ProfileChange: Sendable {
    /// A new password, and the old one to prove that its owner asks.
    struct PasswordChange: Sendable {
        let old: String
        let new: String
    }

    /// A new picture.
    struct PictureChange: Sendable {
        /// Its key under `/media`.
        let key: String
        /// What the same commit must say of it, and of the one before.
        let changes: @Sendable (_ before: String?) -> [Change]
    }

    var nickname: String?
    var password: PasswordChange?
    var picture: PictureChange?
}
