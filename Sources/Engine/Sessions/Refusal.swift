/// Why a client did not get what it asked for. The raw values are part of the wire (API.md, STOMP).
public enum RefusalCode: String, Error, Sendable, CaseIterable {
    case badFrame = "bad-frame"
    case badCredentials = "bad-credentials"
    case tokenExpired = "token-expired"
    case revoked
    case forbidden
    case noSuchDestination = "no-such-destination"
    case tooLarge = "too-large"
    case tooFast = "too-fast"
    case tooSlow = "too-slow"
    case storeUnavailable = "store-unavailable"
    case goingAway = "going-away"
    case `internal`

    /// True for a refusal that concerns one frame only: a client that listens to
    /// `/user/queue/errors` hears of it there and stays connected.
    public var sparesTheSession: Bool {
        switch self {
        case .forbidden, .noSuchDestination, .tooLarge, .tooFast, .storeUnavailable: true
        case .badFrame, .badCredentials, .tokenExpired, .revoked, .tooSlow, .goingAway,
            .internal:
            false
        }
    }
}

/// A refusal with the words that explain it to the client's developer.
public struct Refusal: Error, Sendable, Hashable {
    public let code: RefusalCode
    /// One sentence; never a secret, never another user's data.
    public let detail: String
    /// When trying again makes sense; nil: not by itself.
    public let retryAfterMs: Int64?

    public init(_ code: RefusalCode, _ detail: String, retryAfterMs: Int64? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfterMs = retryAfterMs
    }

    /// What a client hears that is to come back later, perhaps to another node.
    public static func goingAway(reconnectAfterMs: Int64) -> Refusal {
        Refusal(.goingAway, "the server is going away", retryAfterMs: reconnectAfterMs)
    }

    /// What a client hears when the broker did not take its publication.
    public init(_ error: BrokerError) {
        switch error {
        case .unavailable:
            self.init(
                .storeUnavailable, "the message could not be stored; send it again",
                retryAfterMs: 1_000)
        case .overloaded:
            self.init(.tooFast, "more messages wait than can be stored", retryAfterMs: 500)
        }
    }
}
