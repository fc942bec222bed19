import Transport

/// Why there are no keys to sign tokens with. Each describes itself in one line for the operator.
package enum SigningKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// RFC 7518 §3.2 asks for as many bits as the hash has.
    case secretTooShort(bytes: Int)
    /// The keys' file can't be read or made, with the operation and the system's words.
    case file(path: String, reason: String)
    /// Whoever can read the file can sign as anybody.
    case fileOpenToOthers(path: String, mode: UInt32)
    /// What is kept where the keys belong is no list of them.
    case malformed(place: String, reason: String)
    /// The store that holds the keys does not work.
    case store(reason: String)

    package var description: String {
        switch self {
        case .secretTooShort(let bytes):
            "the JWT secret has \(bytes) bytes; HS256 needs at least \(SigningKey.secretBytesMin)"
        case .file(let path, let reason):
            "\(path): \(reason)"
        case .fileOpenToOthers(let path, let mode):
            "\(path) is open to other users (mode 0\(String(mode, radix: 8))); "
                + "run: chmod 600 \(path)"
        case .malformed(let place, let reason):
            "\(place) does not hold keys: \(reason)"
        case .store(let reason):
            "the signing keys: \(reason)"
        }
    }
}

/// A secret shared by everyone who mints or checks tokens, and the `kid` it goes by.
package struct SigningKey: Sendable {
    static let secretBytesMin = 32

    let id: String
    private let authenticator: HMACSHA256

    init(id: String, secret: [UInt8]) throws(SigningKeyError) {
        guard secret.count >= Self.secretBytesMin else {
            throw .secretTooShort(bytes: secret.count)
        }
        self.id = id
        self.authenticator = HMACSHA256(key: secret)
    }

    /// A key that other backends share. Its id is the start of the secret's hash, so that every node
    /// that is given the same secret calls it the same.
    package init(shared secret: [UInt8]) throws(SigningKeyError) {
        try self.init(id: Base64.encodeURL(Array(SHA256.hash(secret).prefix(6))), secret: secret)
    }

    /// The HMAC-SHA256 of the message under this key.
    func code(for message: [UInt8]) -> [UInt8] {
        authenticator.code(for: message)
    }
}

/// The key that signs new tokens, and those that older tokens may still be signed with.
///
/// To rotate: add a key everywhere, make it the current one, and take the old one out when its last
/// token has expired. A node reads its keys when it starts.
package struct SigningKeys: Sendable {
    let current: SigningKey
    let others: [SigningKey]

    package init(current: SigningKey, others: [SigningKey] = []) {
        self.current = current
        self.others = others
    }

    var all: [SigningKey] { [current] + others }

    /// The key that goes by this id.
    func key(_ id: String) -> SigningKey? {
        current.id == id ? current : others.first { $0.id == id }
    }
}
