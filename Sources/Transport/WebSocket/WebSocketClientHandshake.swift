/// The client's side of one opening handshake (RFC 6455 §4.1), without I/O.
public struct WebSocketClientHandshake: Sendable {
    private let key: String
    private let subprotocols: [String]
    private let offersDeflate: Bool

    /// `subprotocols` in order of preference. The key comes from `generator`, 16 bytes of it.
    public init(
        subprotocols: [String], offersDeflate: Bool,
        using generator: inout some RandomNumberGenerator
    ) {
        key = Base64.encode((0..<16).map { _ in UInt8.random(in: 0...255, using: &generator) })
        self.subprotocols = subprotocols
        self.offersDeflate = offersDeflate
    }

    /// What the request must carry beside `Host`. The request is a GET in HTTP/1.1.
    public var headers: HTTPHeaders {
        var headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": key,
        ]
        if !subprotocols.isEmpty {
            headers.append("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
        }
        if offersDeflate {
            headers.append("Sec-WebSocket-Extensions", PerMessageDeflate.offer)
        }
        return headers
    }

    /// Checks the server's answer: the proof that it read our key, and that it chose nothing we
    /// did not offer.
    public func accept(
        _ head: HTTPResponseHead
    ) throws(WebSocketClientHandshakeError) -> WebSocketUpgrade {
        guard head.status == .switchingProtocols else { throw .refused(head.status) }
        guard head.headers.hasToken("websocket", in: "Upgrade"),
            head.headers.hasToken("upgrade", in: "Connection")
        else { throw .notUpgraded }
        guard
            head.headers.all(named: "Sec-WebSocket-Accept")
                == [WebSocketHandshake.accept(key: key)]
        else { throw .invalidAccept }
        return WebSocketUpgrade(
            headers: head.headers, subprotocol: try subprotocol(head.headers),
            deflate: try deflate(head.headers))
    }

    private func subprotocol(
        _ headers: HTTPHeaders
    ) throws(WebSocketClientHandshakeError) -> String? {
        let chosen = headers.all(named: "Sec-WebSocket-Protocol")
        guard let subprotocol = chosen.first else { return nil }
        guard chosen.count == 1, subprotocols.contains(subprotocol) else {
            throw .unofferedSubprotocol
        }
        return subprotocol
    }

    private func deflate(
        _ headers: HTTPHeaders
    ) throws(WebSocketClientHandshakeError) -> PerMessageDeflate? {
        let chosen = headers.list(named: "Sec-WebSocket-Extensions")
        guard let answer = chosen.first else { return nil }
        guard offersDeflate, chosen.count == 1, let deflate = PerMessageDeflate(answer: answer)
        else { throw .unofferedExtension }
        return deflate
    }
}

/// Why a server's answer does not open a WebSocket.
public enum WebSocketClientHandshakeError: Error, Hashable, Sendable {
    /// Any status but 101.
    case refused(HTTPStatus)
    /// `Upgrade` or `Connection` do not confirm a WebSocket.
    case notUpgraded
    /// `Sec-WebSocket-Accept` does not belong to our key.
    case invalidAccept
    case unofferedSubprotocol
    /// An extension we did not offer, or not with these parameters.
    case unofferedExtension
}
