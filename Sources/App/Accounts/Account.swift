import Engine
import Foundation

/// What the community knows about a person.
package struct Account: Hashable, Sendable, Codable {
    private let number: Int64
    /// Nil for an account the operator made.
    let email: String?
    /// The plain name an operator's account signs in with.
    let loginName: String?
    var nickname: String
    var role: Role
    /// A disabled account keeps its data and can't do anything.
    var isDisabled = false
    var passwordHash: PasswordHash
    /// One more with every change of the password; sessions of an earlier version end.
    var passwordVersion = 1
    /// The key of a picture under `/media`.
    var image: String?
    let createdAtMs: Int64

    init(
        id: UserID, email: EmailAddress? = nil, loginName: LoginName? = nil, nickname: Nickname,
        role: Role, passwordHash: PasswordHash, createdAtMs: Int64
    ) {
        self.number = id.rawValue
        self.email = email?.text
        self.loginName = loginName?.text
        self.nickname = nickname.text
        self.role = role
        self.passwordHash = passwordHash
        self.createdAtMs = createdAtMs
    }

    package var id: UserID { UserID(number) }

    /// Who this is to a session that signed in with the password.
    var identity: Identity {
        Identity(user: id, name: nickname, role: role, passwordVersion: passwordVersion)
    }

    /// In what this differs from an earlier state in ways that open sessions must know.
    func changes(since before: Account) -> [AuthorityLog.Kind] {
        var kinds: [AuthorityLog.Kind] = []
        if isDisabled != before.isDisabled { kinds.append(isDisabled ? .disabled : .enabled) }
        if role != before.role { kinds.append(.role) }
        if nickname != before.nickname { kinds.append(.nickname) }
        if passwordVersion != before.passwordVersion { kinds.append(.password) }
        return kinds
    }

    private enum CodingKeys: String, CodingKey {
        case number = "id"
        case email, loginName, nickname, role, isDisabled, passwordHash, passwordVersion, image
        case createdAtMs
    }
}

extension Account {
    static let collection = "user"

    /// Where an account is stored.
    static func key(_ id: UserID) -> RecordKey { RecordKey(collection, id.description) }

    /// Where the names that it signs in with are stored.
    var nameKeys: [RecordKey] {
        [email.map { RecordKey("email", $0) }, loginName.map { RecordKey("login-name", $0) }]
            .compactMap(\.self)
    }

    /// Where the owner of an email address is stored, as a decimal number.
    static func key(_ email: EmailAddress) -> RecordKey { RecordKey("email", email.text) }

    /// Where the owner of a login name is stored, as a decimal number.
    static func key(_ name: LoginName) -> RecordKey { RecordKey("login-name", name.text) }
}
