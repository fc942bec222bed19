import Engine
import TestSupport
import Testing
import Transport

struct STOMPConnectionTests {
    @Test(arguments: STOMPClient.Carrier.allCases)
    func `a conversation from CONNECT to the end`(carrier: STOMPClient.Carrier) async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: carrier)
            let connected = try client.connect(user: 42)
            #expect(connected.headers.value(of: "version") == "1.2")
            #expect(connected.headers.value(of: "user-name") == "42")
            let (receipt, replay) = try client.subscribe(to: "/topic/a")
            #expect(receipt.headers.value(of: "position") == "7:0")
            #expect(receipt.headers.value(of: "resume") == "complete")
            #expect(replay.isEmpty)
            try client.publish("hello", to: "/topic/a", receipt: "p")
            let frames = [try client.next(), try client.next()].compactMap(\.self)
            let message = try #require(frames.first { $0.command == .message })
            let stored = try #require(frames.first { $0.command == .receipt })
            #expect(message.text == "hello")
            #expect(message.headers.value(of: "position") == "7:1")
            #expect(message.headers.value(of: "message-id") == "7:1")
            #expect(message.headers.value(of: "sender") == "42")
            #expect(stored.headers.value(of: "position") == "7:1")
            try client.send(.disconnect, [("receipt", "d")])
            #expect(try client.rest().map { $0.headers.value(of: "receipt-id") } == ["d"])
            #expect(client.closeCode == (carrier == .stream ? nil : .normal))
        }
    }

    @Test(arguments: STOMPVersion.allCases)
    func `frames may be cut anywhere`(version: STOMPVersion) async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            let bytes =
                client.bytes(.connect, STOMPClient.credentials(version))
                + client.bytes(
                    .subscribe, [("id", "s"), ("destination", "/topic/a"), ("receipt", "r")])
                + client.bytes(.send, [("destination", "/topic/a")], body: [0, 10, 13, 0])
            for byte in bytes { try client.socket.write([byte]) }
            #expect(try client.next()?.command == .connected)
            #expect(try client.next()?.command == .receipt)
            #expect(try client.next()?.body == [0, 10, 13, 0])
        }
    }

    @Test func `everything may come at once, CONNECT included`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.socket.write(
                client.bytes(.connect, STOMPClient.credentials(.v12))
                    + client.bytes(
                        .subscribe, [("id", "s"), ("destination", "/topic/a"), ("receipt", "r")])
                    + client.bytes(.send, [("destination", "/topic/a")], body: [65])
                    + client.bytes(.disconnect, [("receipt", "d")]))
            let frames = try client.rest()
            #expect(frames.first?.command == .connected)
            #expect(frames.dropFirst().first?.headers.value(of: "receipt-id") == "r")
            #expect(frames.last?.headers.value(of: "receipt-id") == "d")
        }
    }

    @Test func `a wrong word is refused`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.send(
                .connect, [("accept-version", "1.2"), ("host", "a"), ("passcode", "guess")])
            #expect(try client.rest().map(\.code) == ["bad-credentials"])
        }
    }

    @Test func `nothing is done before CONNECT`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.publish("hello", to: "/topic/a")
            #expect(try client.rest().map(\.code) == ["bad-frame"])
            #expect(server.community.rooms.count == 0)
        }
    }

    @Test func `CONNECT has to come in time`() async throws {
        try await TestServer.run(limits: ConnectionLimits(handshakeMs: 100)) { server in
            let client = try STOMPClient(server)
            #expect(try client.rest().map(\.code) == ["bad-frame"])
        }
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `a refusal ends the session of who does not listen for errors`(
        carrier: STOMPClient.Carrier
    ) async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            try client.publish("hello", to: "/forbidden", receipt: "p")
            let frames = try client.rest()
            #expect(frames.map(\.code) == ["forbidden"])
            #expect(frames.first?.headers.value(of: "receipt-id") == "p")
        }
    }

    @Test func `a refusal is a message for who listens for errors`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.connect()
            try client.subscribe("e", to: "/errors")
            try client.publish("hello", to: "/forbidden", receipt: "p")
            let message = try #require(try client.messages(1).first)
            #expect(message.headers.value(of: "subscription") == "e")
            #expect(message.headers.value(of: "code") == "forbidden")
            #expect(message.headers.value(of: "receipt-id") == "p")
            #expect(try client.roundTrip().isEmpty)
        }
    }

    @Test func `a session ends when its token does`() async throws {
        let authenticator = MortalAuthenticator(lifetimeMs: 300)
        try await TestServer.run(authenticator: authenticator) { server in
            let client = try STOMPClient(server)
            try client.connect()
            #expect(try client.rest().map(\.code) == ["token-expired"])
        }
    }

    @Test func `a fresh token renews the session`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.connect()
            try client.subscribe(to: "/topic/a")
            try client.send(
                .send,
                [
                    ("destination", "/pub/session/token"), ("Authorization", "Bearer word"),
                    ("receipt", "n"),
                ])
            #expect(try client.next()?.headers.value(of: "receipt-id") == "n")
            try client.publish("still here", to: "/topic/a")
            #expect(try client.messages(1).map(\.text) == ["still here"])
        }
    }

    @Test func `a replay goes on although a token is verified meanwhile`() async throws {
        let gate = Gate(isOpen: true)
        let authenticator = WordAuthenticator("word") { await gate.pass() }
        try await TestServer.run(authenticator: authenticator) { server in
            let publisher = try STOMPClient(server)
            try publisher.connect()
            let body = String(repeating: "x", count: 8_000)
            for _ in 0..<600 { try publisher.publish(body, to: "/topic/a") }
            _ = try publisher.roundTrip()
            let client = try STOMPClient(server, receiveBufferBytes: 8_192)
            try client.connect()
            gate.close()
            try client.send(
                .subscribe, [("id", "s"), ("destination", "/topic/a"), ("position", "7:0")])
            try client.send(
                .send,
                [("destination", "/pub/session/token"), ("Authorization", "Bearer word")])
            while gate.waitingCount == 0 { _ = try publisher.roundTrip() }
            #expect(try client.messages(600).map(\.offset) == Array(1...600))
            gate.open()
        }
    }

    /// Lets everybody in who shows anything, for a while.
    private struct MortalAuthenticator: Authenticator {
        let lifetimeMs: Int64

        func authenticate(_ credentials: Credentials) async throws(Refusal) -> Identity {
            Identity(
                user: UserID(1), name: "mortal", role: .user,
                expiresAtMs: SystemClock.wallMs() + lifetimeMs)
        }

        func verifyAnew(_ identity: Identity) async throws(Refusal) -> Identity { identity }
    }
}
