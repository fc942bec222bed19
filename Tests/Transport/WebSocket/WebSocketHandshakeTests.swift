import Testing

@testable import Transport

struct WebSocketHandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let fields = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: \(key)",
        "Sec-WebSocket-Version: 13",
    ]

    @Test func `answers the key of RFC 6455`() throws {
        let upgrade = try answer(Self.fields)
        #expect(
            upgrade.headers == [
                "Upgrade": "websocket", "Connection": "Upgrade",
                "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            ])
        #expect(upgrade.subprotocol == nil)
        #expect(upgrade.deflate == nil)
    }

    @Test func `takes tokens in any case and place of their lists`() throws {
        _ = try answer([
            "UPGRADE: h2c, WebSocket", "connection: keep-alive", "connection: x, uPgRaDe",
            "sec-websocket-key: \(Self.key)", "sec-websocket-version: 13",
        ])
    }

    @Test(arguments: ["POST", "HEAD", "get"])
    func `refuses any method but GET`(method: String) {
        #expect(throws: WebSocketHandshakeError.methodNotAllowed) {
            _ = try answer(Self.fields + ["Content-Length: 0"], method: method)
        }
    }

    @Test func `refuses HTTP/1_0`() {
        #expect(throws: WebSocketHandshakeError.unsupportedHTTPVersion) {
            _ = try answer(Self.fields, version: "HTTP/1.0")
        }
    }

    @Test(
        arguments: [
            (0, nil), (1, nil), (0, "Upgrade: h2c"), (0, "Upgrade: websockets"),
            (1, "Connection: keep-alive"), (1, "Connection: \"Upgrade\""),
        ] as [(Int, String?)])
    func `refuses a request that does not ask for a WebSocket`(index: Int, field: String?) {
        #expect(throws: WebSocketHandshakeError.upgradeRequired) {
            _ = try answer(replacing(index, with: field))
        }
    }

    @Test(
        arguments: [
            nil, "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 13, 8",
            "Sec-WebSocket-Version: 013", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13",
        ] as [String?])
    func `refuses any version but 13, and says which it knows`(field: String?) {
        let error = #expect(throws: WebSocketHandshakeError.self) {
            _ = try answer(replacing(3, with: field))
        }
        #expect(error == .unsupportedVersion)
        #expect(error?.status.code == 426)
        #expect(error?.headers.first(named: "sec-websocket-version") == "13")
    }

    @Test(
        arguments: [
            nil, "Sec-WebSocket-Key:", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j", "Sec-WebSocket-Key: not Base64!",
            "Sec-WebSocket-Key: \(key)\r\nSec-WebSocket-Key: \(key)",
        ] as [String?])
    func `refuses a key that is not 16 bytes`(field: String?) {
        #expect(throws: WebSocketHandshakeError.invalidKey) {
            _ = try answer(replacing(2, with: field))
        }
    }

    @Test(
        arguments: [
            (["v12.stomp"], "v12.stomp"), (["v10.stomp, v12.stomp"], "v12.stomp"),
            (["v10.stomp", "v11.stomp"], "v11.stomp"), (["V12.STOMP"], nil), (["mqtt"], nil),
            ([], nil),
        ] as [([String], String?)])
    func `prefers the subprotocols in its own order`(offers: [String], chosen: String?) throws {
        let upgrade = try answer(Self.fields + offers.map { "Sec-WebSocket-Protocol: \($0)" })
        #expect(upgrade.subprotocol == chosen)
        #expect(upgrade.headers.first(named: "sec-websocket-protocol") == chosen)
    }

    @Test func `negotiates compression where it is allowed`() throws {
        let fields =
            Self.fields + [
                "Sec-WebSocket-Extensions: foo, permessage-deflate; server_max_window_bits=7",
                "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"11\"",
            ]
        let upgrade = try answer(fields)
        #expect(upgrade.deflate == PerMessageDeflate(serverWindowBits: 11))
        #expect(
            upgrade.headers.first(named: "sec-websocket-extensions")
                == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                + "; server_max_window_bits=11")
        let plain = try answer(fields, allowsDeflate: false)
        #expect(plain.deflate == nil)
        #expect(plain.headers.first(named: "sec-websocket-extensions") == nil)
    }

    @Test func `every refusal has a status of its own kind`() {
        for error in WebSocketHandshakeError.allCases {
            #expect((400..<600).contains(error.status.code))
        }
        #expect(WebSocketHandshakeError.methodNotAllowed.headers.first(named: "allow") == "GET")
    }

    private func replacing(_ index: Int, with field: String?) -> [String] {
        var fields = Self.fields
        fields.remove(at: index)
        return fields + (field.map { [$0] } ?? [])
    }

    private func answer(
        _ fields: [String], method: String = "GET", version: String = "HTTP/1.1",
        allowsDeflate: Bool = true
    ) throws -> WebSocketUpgrade {
        var parser = HTTPRequestParser()
        let lines = ["\(method) /stomp/chat \(version)", "Host: example.com"] + fields
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        parser.append(bytes.span)
        guard case .head(let head) = try parser.next() else { throw NoHead() }
        return try WebSocketHandshake.answer(
            head, subprotocols: ["v12.stomp", "v11.stomp", "v10.stomp"],
            allowsDeflate: allowsDeflate)
    }

    private struct NoHead: Error {}
}
