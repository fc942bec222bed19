/// A version of the protocol that server and client can agree on.
public enum STOMPVersion: UInt8, Sendable, CaseIterable, Comparable {
    case v10
    case v11
    case v12

    /// `1.2`, as `accept-version` and `version` headers carry it.
    public var text: String {
        switch self {
        case .v10: "1.0"
        case .v11: "1.1"
        case .v12: "1.2"
        }
    }

    /// `v12.stomp`, as `Sec-WebSocket-Protocol` carries it.
    public var subprotocol: String {
        switch self {
        case .v10: "v10.stomp"
        case .v11: "v11.stomp"
        case .v12: "v12.stomp"
        }
    }

    /// The version that a WebSocket subprotocol names; nil for a foreign one. Names are
    /// case-sensitive (RFC 6455 §4.2.2 compares the strings as they are).
    public init?(subprotocol: String) {
        guard let version = Self.allCases.first(where: { $0.subprotocol == subprotocol }) else {
            return nil
        }
        self = version
    }

    /// The highest version in a CONNECT frame's `accept-version` list that we speak; 1.0 where the
    /// header is absent, nil where nothing in it is known (STOMP 1.2, Protocol Negotiation).
    public static func negotiate(acceptVersion: String?) -> STOMPVersion? {
        guard let acceptVersion else { return .v10 }
        let offered = acceptVersion.utf8.split(separator: UInt8(ascii: ",")).map { item in
            item.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") }
        }
        return allCases.last { version in
            offered.contains { $0.elementsEqual(version.text.utf8) }
        }
    }

    public static func < (left: STOMPVersion, right: STOMPVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}
