/// Why a connection is closed: the number in a close frame (RFC 6455 §7.4).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let normal = Self(rawValue: 1000)
    public static let goingAway = Self(rawValue: 1001)
    public static let protocolError = Self(rawValue: 1002)
    public static let unsupportedData = Self(rawValue: 1003)
    /// A text that is not UTF-8, or a compressed payload that is not DEFLATE.
    public static let invalidPayload = Self(rawValue: 1007)
    public static let messageTooBig = Self(rawValue: 1009)
    /// A client that does without an extension it needs says this.
    public static let missingExtension = Self(rawValue: 1010)
    public static let internalError = Self(rawValue: 1011)
    public static let tryAgainLater = Self(rawValue: 1013)
    public static let badCredentials = Self(rawValue: 4001)
    /// The token expired or was revoked.
    public static let expired = Self(rawValue: 4002)
    /// The client did not read fast enough; it may come back and resume from its position.
    public static let tooSlow = Self(rawValue: 4008)

    /// Whether the code may stand in a close frame: those that RFC 6455 §7.4.1 and the IANA
    /// registry define for it (1004 is reserved; 1005, 1006 and 1015 are never sent), and
    /// 3000...4999 for libraries and applications.
    public var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
