import Engine
import Testing

@testable import Transport

struct WebSocketConnectionTests {
    /// The bytes of an upgrade and what is sent behind it, as the server sees them.
    private static func upgrade(to path: String) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let handshake = WebSocketClientHandshake(
            subprotocols: [], offersDeflate: false, using: &random)
        return STOMPClient.upgradeRequest(handshake, path: path)
    }

    /// The WebSocket events in what a server sends, behind the head of its upgrade.
    private static func events(_ socket: WireSocket, count: Int) throws -> [WebSocketEvent] {
        var received: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while received.suffix(4) != end[...] { received += try socket.read(atMost: 1) }
        var parser = WebSocketParser(role: .client, messageBytesMax: 1_000_000, deflate: nil)
        var events: [WebSocketEvent] = []
        while events.count < count {
            while let event = try parser.next() { events.append(event) }
            guard events.count < count else { break }
            let bytes = try socket.read()
            try #require(!bytes.isEmpty, "the connection ended")
            parser.append(bytes.span)
        }
        return events
    }

    @Test func `the first message may come with the upgrade`() async throws {
        try await TestServer.run { server in
            let socket = try WireSocket(port: server.httpPort)
            try socket.write(Self.upgrade(to: "/echo") + STOMPClient.message([1, 2, 3]))
            let events = try Self.events(socket, count: 1)
            #expect(events == [.message(isText: false, payload: [1, 2, 3])])
        }
    }

    @Test func `a connection that was answered before becomes a WebSocket all the same`()
        async throws
    {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/a") + Self.upgrade(to: "/echo"))
            // The first response, then the head of the upgrade.
            var text = ""
            while !text.hasSuffix("GET /a ") {
                text += String(decoding: try client.socket.read(atMost: 1), as: UTF8.self)
            }
            try client.socket.write(STOMPClient.message([1, 2, 3]))
            let events = try Self.events(client.socket, count: 1)
            #expect(events == [.message(isText: false, payload: [1, 2, 3])])
        }
    }

    @Test func `pings are answered, and so is the goodbye`() async throws {
        try await TestServer.run { server in
            let socket = try WireSocket(port: server.httpPort)
            var bytes = Self.upgrade(to: "/echo")
            WebSocketEncoder.frame(.ping, payload: [7], maskKey: 1, into: &bytes)
            WebSocketEncoder.close(.normal, maskKey: 2, into: &bytes)
            try socket.write(bytes)
            let events = try Self.events(socket, count: 2)
            #expect(events == [.pong([7]), .close(code: .normal, reason: "")])
            #expect(try socket.readToEnd().isEmpty)
        }
    }

    @Test func `an unmasked frame ends the connection with its code`() async throws {
        try await TestServer.run { server in
            let socket = try WireSocket(port: server.httpPort)
            var bytes = Self.upgrade(to: "/echo")
            WebSocketEncoder.frame(.text, payload: [65], into: &bytes)
            try socket.write(bytes)
            let events = try Self.events(socket, count: 1)
            #expect(events == [.close(code: .protocolError, reason: "")])
        }
    }

    @Test func `a silent WebSocket is pinged, and closed when it stays silent`() async throws {
        let limits = ConnectionLimits(idleMs: 600)
        try await TestServer.run(limits: limits) { server in
            let socket = try WireSocket(port: server.httpPort)
            try socket.write(Self.upgrade(to: "/echo"))
            #expect(try Self.events(socket, count: 1) == [.ping([])])
            #expect(try socket.readToEnd().isEmpty)
        }
    }

    @Test func `a page of another origin is refused`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            let origin = Array("Origin: https://elsewhere.example\r\n\r\n".utf8)
            try client.socket.write(Self.upgrade(to: "/stomp").dropLast(2) + origin)
            let response = try client.next()
            #expect(response?.head.status == .forbidden)
        }
    }

    @Test func `a request without an upgrade is told what is missing`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/stomp"))
            let response = try client.next()
            #expect(response?.head.status == .upgradeRequired)
        }
    }

    @Test func `who has said goodbye is a member no more`() async throws {
        try await TestServer.run { server in
            let leaver = try STOMPClient(server, over: .webSocket)
            try leaver.connect()
            try leaver.subscribe(to: "/topic/a")
            var goodbye: [UInt8] = []
            WebSocketEncoder.close(.normal, maskKey: 2, into: &goodbye)
            try leaver.socket.write(goodbye)
            #expect(try leaver.rest().isEmpty)
            #expect(leaver.closeCode == .normal)
            // It has not closed its socket, and the server waits for that a little.
            let key = server.room("/topic/a").key
            server.onLoop { #expect($0.audiences[key] == nil) }
        }
    }

    @Test(arguments: [STOMPClient.Carrier.webSocket, .deflatedWebSocket])
    func `frames may be cut anywhere`(carrier: STOMPClient.Carrier) async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            let body = Array(String(repeating: "pets ", count: 50).utf8)
            let bytes =
                client.bytes(.subscribe, [("id", "s"), ("destination", "/topic/a")])
                + client.bytes(.send, [("destination", "/topic/a")], body: body)
            for byte in bytes { try client.socket.write([byte]) }
            #expect(try client.messages(1).map(\.body) == [body])
        }
    }
}
