import Testing

@testable import Transport

struct WebSocketClientHandshakeTests {
    private let plain = Self.handshake()
    private let full = Self.handshake(
        subprotocols: ["v12.stomp", "v11.stomp"], offersDeflate: true)

    @Test func `asks for a WebSocket`() throws {
        let headers = plain.headers
        #expect(headers.first(named: "upgrade") == "websocket")
        #expect(headers.first(named: "connection") == "Upgrade")
        #expect(headers.first(named: "sec-websocket-version") == "13")
        #expect(headers.first(named: "sec-websocket-protocol") == nil)
        #expect(headers.first(named: "sec-websocket-extensions") == nil)
        let key = try #require(headers.first(named: "sec-websocket-key"))
        #expect(Base64.decode(key)?.count == 16)
        #expect(full.headers.list(named: "sec-websocket-protocol") == ["v12.stomp", "v11.stomp"])
        #expect(
            full.headers.first(named: "sec-websocket-extensions")
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
    }

    @Test func `takes what our own server answers`() throws {
        let lines =
            ["GET / HTTP/1.1", "Host: a"] + full.headers.map { "\($0.name): \($0.value)" }
        var parser = HTTPRequestParser()
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        parser.append(bytes.span)
        guard case .head(let head) = try parser.next() else {
            Issue.record("no head")
            return
        }
        let answer = try WebSocketHandshake.answer(
            head, subprotocols: ["v11.stomp"], allowsDeflate: true)
        let upgrade = try full.accept(response(answer.headers))
        #expect(upgrade == answer)
        #expect(upgrade.subprotocol == "v11.stomp")
        #expect(upgrade.deflate == PerMessageDeflate())
    }

    @Test func `takes an answer without subprotocol and compression`() throws {
        let upgrade = try full.accept(response(confirmation(of: full)))
        #expect(upgrade.subprotocol == nil)
        #expect(upgrade.deflate == nil)
    }

    @Test func `refuses any other status`() throws {
        let answer = try response(confirmation(of: plain), status: "403 Forbidden")
        #expect(throws: WebSocketClientHandshakeError.refused(.forbidden)) {
            _ = try plain.accept(answer)
        }
    }

    @Test(
        arguments: [
            ("Upgrade", "h2c", .notUpgraded), ("Upgrade", nil, .notUpgraded),
            ("Connection", "close", .notUpgraded), ("Connection", nil, .notUpgraded),
            ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", .invalidAccept),
            ("Sec-WebSocket-Accept", nil, .invalidAccept),
        ] as [(String, String?, WebSocketClientHandshakeError)])
    func `refuses an answer that does not confirm its own request`(
        name: String, value: String?, error: WebSocketClientHandshakeError
    ) throws {
        var headers = try confirmation(of: plain)
        headers.remove(name)
        if let value { headers.append(name, value) }
        let answer = try response(headers)
        #expect(throws: error) { _ = try plain.accept(answer) }
    }

    @Test(
        arguments: [
            ("Sec-WebSocket-Protocol", "mqtt", .unofferedSubprotocol),
            ("Sec-WebSocket-Protocol", "v12.stomp, v11.stomp", .unofferedSubprotocol),
            ("Sec-WebSocket-Extensions", "x-other", .unofferedExtension),
            ("Sec-WebSocket-Extensions", "permessage-deflate", .unofferedExtension),
            (
                "Sec-WebSocket-Extensions",
                "permessage-deflate; server_no_context_takeover, x-other", .unofferedExtension
            ),
        ] as [(String, String, WebSocketClientHandshakeError)])
    func `refuses what it did not offer`(
        name: String, value: String, error: WebSocketClientHandshakeError
    ) throws {
        var headers = try confirmation(of: full)
        headers.append(name, value)
        let answer = try response(headers)
        #expect(throws: error) { _ = try full.accept(answer) }
    }

    @Test func `refuses compression and subprotocols when it offered none`() throws {
        for (name, value, error) in [
            ("Sec-WebSocket-Protocol", "v12.stomp", .unofferedSubprotocol),
            ("Sec-WebSocket-Extensions", PerMessageDeflate.offer, .unofferedExtension),
        ] as [(String, String, WebSocketClientHandshakeError)] {
            var headers = try confirmation(of: plain)
            headers.append(name, value)
            let answer = try response(headers)
            #expect(throws: error) { _ = try plain.accept(answer) }
        }
    }

    private static func handshake(
        subprotocols: [String] = [], offersDeflate: Bool = false
    ) -> WebSocketClientHandshake {
        var generator = SystemRandomNumberGenerator()
        return WebSocketClientHandshake(
            subprotocols: subprotocols, offersDeflate: offersDeflate, using: &generator)
    }

    private func confirmation(of handshake: WebSocketClientHandshake) throws -> HTTPHeaders {
        let key = try #require(handshake.headers.first(named: "sec-websocket-key"))
        return [
            "Upgrade": "WebSocket", "Connection": "upgrade",
            "Sec-WebSocket-Accept": WebSocketHandshake.accept(key: key),
        ]
    }

    private func response(
        _ headers: HTTPHeaders, status: String = "101 Switching Protocols"
    ) throws -> HTTPResponseHead {
        let lines = ["HTTP/1.1 \(status)"] + headers.map { "\($0.name): \($0.value)" }
        var parser = HTTPResponseParser()
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        parser.append(bytes.span)
        guard case .head(let head) = try parser.next() else { throw NoHead() }
        return head
    }

    private struct NoHead: Error {}
}
