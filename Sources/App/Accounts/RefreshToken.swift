import Engine
import Transport

/// What a client keeps to get new access tokens: the name of its session, which stays, and a secret
/// that is good for one rotation. To the client it is 64 opaque characters.
///
/// The store knows neither, only their hashes. Since only holders of the session's tokens know its
/// name, the right name with another secret means that a used token has come back.
struct RefreshToken: Sendable {
    private static let nameBytes = 16
    private static let secretBytes = 32

    private let name: [UInt8]
    private let secret: [UInt8]

    /// The first token of a new session.
    init(random: RandomBytes) {
        self.name = random(Self.nameBytes)
        self.secret = random(Self.secretBytes)
    }

    /// The session's next token.
    init(after token: RefreshToken, random: RandomBytes) {
        self.name = token.name
        self.secret = random(Self.secretBytes)
    }

    /// Reads the text form; nil for what can't be one of ours.
    init?(_ text: String) {
        guard text.utf8.count == 64, let bytes = Base64.decodeURL(text),
            bytes.count == Self.nameBytes + Self.secretBytes
        else { return nil }
        self.name = Array(bytes[..<Self.nameBytes])
        self.secret = Array(bytes[Self.nameBytes...])
    }

    var text: String { Base64.encodeURL(name + secret) }

    static let sessionCollection = "login-session"

    /// Where the session is stored.
    var sessionKey: RecordKey {
        RecordKey(Self.sessionCollection, Base64.encodeURL(SHA256.hash(name)))
    }

    /// What the store keeps of the secret.
    var secretHash: String { Base64.encodeURL(SHA256.hash(secret)) }
}
