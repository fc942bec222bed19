import Testing

@testable import Transport

/// Answers whose bodies are read as they are taken.
struct HTTPSendingTests {
    @Test func `a body from a source arrives whole, and the next request is answered`()
        async throws
    {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            for count in [0, 1, 65_536, 5_000_000] {
                try client.socket.write(HTTPClient.get("/bytes/\(count)"))
                let answer = try client.next()
                #expect(answer?.head.headers.first(named: "content-length") == "\(count)")
                let isWhole = answer?.body == StubResponder.pattern(count)
                #expect(isWhole)
            }
            try client.socket.write(HTTPClient.get("/next"))
            #expect(try client.next()?.text == "/next")
            while responder.closed.count < 4 { server.onLoop { _ in } }
        }
    }

    @Test func `a HEAD reads nothing of it`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            let request = "HEAD /bytes/5000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            try client.socket.write(Array(request.utf8))
            let head = String(decoding: try client.socket.readToEnd(), as: UTF8.self)
            #expect(head.contains("content-length: 5000\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
            #expect(responder.read.count == 0)
            while responder.closed.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `requests ahead wait until the body is sent`() async throws {
        try await TestServer.run(responder: UploadResponder()) { server in
            let client = try HTTPClient(server)
            try client.socket.write(
                HTTPClient.get("/bytes/300000") + HTTPClient.get("/second")
                    + HTTPClient.get("/bytes/7", ["Connection: close"]))
            #expect(try client.next()?.body.count == 300_000)
            #expect(try client.next()?.text == "/second")
            #expect(try client.next()?.body.count == 7)
            #expect(try client.next() == nil)
        }
    }

    @Test func `a slow reader has little read for it`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            let count = 50_000_000
            try client.socket.write(HTTPClient.get("/bytes/\(count)"))
            _ = try client.socket.read(atMost: 100)
            // As long as another connection talks to the same loop, more could have been read.
            for _ in 0..<200 {
                let other = try HTTPClient(server)
                try other.socket.write(HTTPClient.get("/", ["Connection: close"]))
                _ = try other.next()
            }
            #expect(responder.read.count < count / UploadResponder.pieceBytes / 2)
            server.onLoop { reactor in
                let held = reactor.slots.compactMap(\.connection).map(\.outbox.heldBytes)
                #expect(held.allSatisfy { $0 < 1_000_000 })
            }
            client.socket.reset()
            while responder.closed.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `a client that goes away while a piece is read leaves nothing open`() async throws {
        let responder = UploadResponder(gate: Gate(isOpen: false))
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/bytes/1000"))
            #expect(responder.gate.gathers(1))
            client.socket.reset()
            while server.census.total > 0 { server.onLoop { _ in } }
            #expect(responder.closed.count == 0)
            responder.gate.open()
            while responder.closed.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `a source that ends too early cuts the response off`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/short/200000"))
            let bytes = try client.socket.readToEnd()
            #expect(bytes.count < 200_000)
            while responder.closed.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `a reader that takes nothing any more is sent away`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(
            limits: ConnectionLimits(idleMs: 300), responder: responder
        ) { server in
            let client = try HTTPClient(server, receiveBufferBytes: 8_192)
            try client.socket.write(HTTPClient.get("/bytes/50000000"))
            while server.census.total > 0 { server.onLoop { _ in } }
            while responder.closed.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `a node that stops finishes what it sends`() async throws {
        let responder = UploadResponder(gate: Gate(isOpen: false))
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/bytes/1000000"))
            #expect(responder.gate.gathers(1))
            try server.whileStopping {
                responder.gate.open()
                let count = try client.next()?.body.count
                #expect(count == 1_000_000)
                let isOver = try client.next() == nil
                #expect(isOver)
                client.socket.close()
            }
        }
    }
}
