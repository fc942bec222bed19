/// The server's side of the opening handshake (RFC 6455 §4.2), without I/O: a request in, the
/// headers of its answer out.
public enum WebSocketHandshake {
    /// Checks a request and chooses the terms. `subprotocols` are the server's in order of
    /// preference; where the client names none of them, or none at all, the upgrade has none, and
    /// whether to go on is the caller's decision. Origin and authority are the caller's, too.
    public static func answer(
        _ head: HTTPRequestHead, subprotocols: [String], allowsDeflate: Bool
    ) throws(WebSocketHandshakeError) -> WebSocketUpgrade {
        guard head.method == .get else { throw .methodNotAllowed }
        guard head.version == .http11 else { throw .unsupportedHTTPVersion }
        guard head.headers.hasToken("websocket", in: "Upgrade"),
            head.headers.hasToken("upgrade", in: "Connection")
        else { throw .upgradeRequired }
        guard head.headers.all(named: "Sec-WebSocket-Version") == ["13"] else {
            throw .unsupportedVersion
        }
        let keys = head.headers.all(named: "Sec-WebSocket-Key")
        guard keys.count == 1, Base64.decode(keys[0])?.count == 16 else { throw .invalidKey }

        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept(key: keys[0]),
        ]
        let offered = head.headers.list(named: "Sec-WebSocket-Protocol")
        let subprotocol = subprotocols.first { offered.contains($0) }
        if let subprotocol { headers.append("Sec-WebSocket-Protocol", subprotocol) }
        var deflate: PerMessageDeflate?
        if allowsDeflate,
            let agreed = PerMessageDeflate.negotiate(
                head.headers.list(named: "Sec-WebSocket-Extensions"))
        {
            headers.append("Sec-WebSocket-Extensions", agreed.answer)
            deflate = agreed.parameters
        }
        return WebSocketUpgrade(headers: headers, subprotocol: subprotocol, deflate: deflate)
    }

    /// What proves that the server read the key (RFC 6455 §4.2.2).
    static func accept(key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}

/// Why a request cannot become a WebSocket, and how to say so in HTTP.
public enum WebSocketHandshakeError: Error, Hashable, Sendable, CaseIterable {
    case methodNotAllowed
    /// Not HTTP/1.1.
    case unsupportedHTTPVersion
    /// `Upgrade` or `Connection` do not ask for a WebSocket.
    case upgradeRequired
    /// `Sec-WebSocket-Version` is not 13.
    case unsupportedVersion
    /// `Sec-WebSocket-Key` is missing, doubled or not 16 bytes in Base64.
    case invalidKey

    /// The status of the response that refuses the request.
    public var status: HTTPStatus {
        switch self {
        case .methodNotAllowed: .methodNotAllowed
        case .unsupportedHTTPVersion: .versionNotSupported
        case .upgradeRequired, .unsupportedVersion: .upgradeRequired
        case .invalidKey: .badRequest
        }
    }

    /// What that response must say besides (RFC 9110 §15.5.6, §15.5.22; RFC 6455 §4.4). The encoder
    /// adds the `Connection` that goes with `Upgrade`.
    public var headers: HTTPHeaders {
        switch self {
        case .methodNotAllowed: ["Allow": "GET"]
        case .unsupportedHTTPVersion, .invalidKey: [:]
        case .upgradeRequired, .unsupportedVersion:
            ["Upgrade": "websocket", "Sec-WebSocket-Version": "13"]
        }
    }
}

extension HTTPHeaders {
    /// Whether a comma-separated list contains a token, compared without case.
    func hasToken(_ token: String, in name: String) -> Bool {
        list(named: name).contains { HTTPGrammar.isEqual($0, ignoringCase: token) }
    }
}
