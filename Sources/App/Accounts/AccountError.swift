import Engine

/// A field of a request and what is wrong with it.
package struct FieldProblem: Hashable, Sendable {
    /// The field's name on the wire.
    package let field: String
    /// A sentence for the person who filled it in.
    package let reason: String

    static let email = FieldProblem(field: "email", reason: "This is not an email address.")
    static let loginName = FieldProblem(
        field: "loginName",
        reason: "A login name has 1 to 30 characters: letters a-z, digits, '.', '-' and '_'.")

    static func password(field: String = "password") -> FieldProblem {
        FieldProblem(
            field: field,
            reason: "A password has \(Password.bytesMin) to \(Password.bytesMax) bytes.")
    }

    static func nickname(field: String = "nickname") -> FieldProblem {
        FieldProblem(
            field: field, reason: "A name has 1 to \(Nickname.charactersMax) visible characters.")
    }
}

/// Why an operation on accounts was not done; nothing has changed then.
package enum AccountError: Error, Hashable, Sendable {
    /// At least one field breaks its rules; all of them are listed.
    case invalid([FieldProblem])
    /// The email address or the login name belongs to somebody.
    case nameTaken
    /// The name, the password or both are wrong. Which one is not said.
    case wrongCredentials
    /// The password was right, but the operator has disabled the account.
    case disabled
    case noSuchAccount
    /// Too many attempts.
    case throttled(retryAfterSeconds: Int)
    /// More passwords wait to be checked than the bound allows; try again in a second.
    case overloaded
    case store(StoreError)

    init(_ error: BlockingPoolError) {
        switch error {
        case .overloaded, .closed: self = .overloaded
        }
    }
}
