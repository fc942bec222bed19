import Testing
import Transport

struct HTTPConnectionTests {
    @Test func `requests on one connection are answered one after the other`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            for number in 1...3 {
                try client.socket.write(HTTPClient.get("/\(number)"))
                #expect(try client.next()?.text == "GET /\(number) ")
            }
        }
    }

    @Test func `requests that come together are answered in their order`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write((1...20).flatMap { HTTPClient.get("/\($0)") })
            for number in 1...20 { #expect(try client.next()?.text == "GET /\(number) ") }
        }
    }

    @Test func `a request may arrive byte by byte`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            let head = "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n"
            for byte in (head + "body").utf8 { try client.socket.write([byte]) }
            #expect(try client.next()?.text == "POST /a body")
        }
    }

    @Test(arguments: ["HTTP/1.0\r\n\r\n", "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"])
    func `the connection ends with the last response the client asked for`(rest: String)
        async throws
    {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write(Array("GET /a \(rest)".utf8))
            #expect(try client.next()?.text == "GET /a ")
            #expect(try client.next() == nil)
        }
    }

    @Test func `a malformed request is answered and ends the connection`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write(Array("GET /a b c HTTP/1.1\r\n\r\n".utf8))
            #expect(try client.next()?.head.status == .badRequest)
            #expect(try client.next() == nil)
        }
    }

    @Test func `a client that has closed its sending side gets its answers`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/a") + HTTPClient.get("/b"))
            client.socket.finishWriting()
            #expect(try client.next()?.text == "GET /a ")
            #expect(try client.next()?.text == "GET /b ")
            #expect(try client.next() == nil)
        }
    }

    @Test func `closing the sending side during a long answer does not cut it off`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            let count = 20_000_000
            try client.socket.write(
                HTTPClient.get("/bytes/\(count)", ["Connection: close"]))
            let first = try client.socket.read(atMost: 1_000)
            client.socket.finishWriting()
            let rest = try client.socket.readToEnd()
            let body = (first + rest).suffix(count)
            #expect(first.count + rest.count > count)
            // Compared outside of the macro, which would look for the difference of megabytes.
            let isWhole = Array(body) == StubResponder.pattern(count)
            #expect(isWhole)
        }
    }

    @Test func `a slow reader gets a long answer whole`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            let count = 10_000_000
            try client.socket.write(HTTPClient.get("/bytes/\(count)"))
            // Compared outside of the macro, which would look for the difference of megabytes.
            let isWhole = try client.next()?.body == StubResponder.pattern(count)
            #expect(isWhole)
            try client.socket.write(HTTPClient.get("/next"))
            #expect(try client.next()?.text == "GET /next ")
        }
    }

    @Test func `requests ahead wait until the answers before are taken`() async throws {
        let responder = StubResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            let count = 60
            try client.socket.write((0..<count).flatMap { _ in HTTPClient.get("/bytes/1000000") })
            // As long as another connection talks to the same loop, this one could have gone on.
            let other = try HTTPClient(server)
            for _ in 0..<count {
                try other.socket.write(HTTPClient.get("/"))
                _ = try other.next()
            }
            let answeredAhead = responder.answered.count - count
            #expect(answeredAhead < 20, "more than sockets buffer")
            for _ in 0..<count { #expect(try client.next()?.body.count == 1_000_000) }
        }
    }

    @Test func `a client that goes away before its answer harms nobody`() async throws {
        let gate = Gate(isOpen: false)
        try await TestServer.run(responder: StubResponder(gate: gate)) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/wait"))
            while gate.waitingCount == 0 { _ = try Self.roundTrip(server) }
            client.socket.reset()
            while server.census.total > 0 { _ = try Self.roundTrip(server, keepsAlive: false) }
            gate.open()
            #expect(try Self.roundTrip(server) == "GET / ")
        }
    }

    @Test func `a connection that says nothing is closed`() async throws {
        try await TestServer.run(limits: ConnectionLimits(handshakeMs: 100)) { server in
            let silent = try HTTPClient(server)
            let answer = try silent.next()
            #expect(answer?.text == nil)
        }
    }

    @Test func `a connection that says nothing more is closed after its answer`() async throws {
        try await TestServer.run(limits: ConnectionLimits(idleMs: 100)) { server in
            let idle = try HTTPClient(server)
            try idle.socket.write(HTTPClient.get("/a"))
            #expect(try idle.next()?.text == "GET /a ")
            #expect(try idle.next() == nil)
        }
    }

    @Test func `a request that does not end is answered with a timeout`() async throws {
        let limits = ConnectionLimits(handshakeMs: 100)
        try await TestServer.run(limits: limits) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Array("GET /a HTTP/1.1\r\nHost: ".utf8))
            #expect(try client.next()?.head.status == .requestTimeout)
            #expect(try client.next() == nil)
        }
    }

    @Test func `every connection is counted while it is open`() async throws {
        try await TestServer.run(loopCount: 2) { server in
            let clients = try (0..<10).map { _ in try HTTPClient(server) }
            for client in clients {
                try client.socket.write(HTTPClient.get("/a", ["Connection: close"]))
                _ = try client.next()
            }
            for client in clients {
                #expect(try client.next() == nil)
                client.socket.close()
            }
            while server.census.total > 0 { server.onLoop { _ in } }
        }
    }

    private static func roundTrip(_ server: TestServer, keepsAlive: Bool = true) throws -> String? {
        let client = try HTTPClient(server)
        try client.socket.write(HTTPClient.get("/", keepsAlive ? [] : ["Connection: close"]))
        return try client.next()?.text
    }
}
