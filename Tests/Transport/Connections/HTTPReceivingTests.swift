import Testing

@testable import Transport

/// Bodies that go to a receiver as they arrive.
struct HTTPReceivingTests {
    private static func post(
        _ path: String, _ byteCount: Int, _ headers: [String] = []
    ) -> [UInt8] {
        let lines =
            ["POST \(path) HTTP/1.1", "Host: a", "Content-Length: \(byteCount)"] + headers
            + ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    @Test func `a body of any length is handed over piece by piece, and answered`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            for count in [0, 1, 3_000_000] {
                let body = StubResponder.pattern(count)
                try client.socket.write(Self.post("/a", count) + body)
                let answer = try client.next()
                #expect(answer?.head.status == .created)
                #expect(answer?.text == UploadResponder.receipt(of: body))
            }
            try client.socket.write(HTTPClient.get("/next"))
            #expect(try client.next()?.text == "/next")
            #expect(responder.abandoned.count == 0)
        }
    }

    @Test func `a chunked body, and one that comes byte by byte, arrive whole`() async throws {
        try await TestServer.run(responder: UploadResponder()) { server in
            let client = try HTTPClient(server)
            var bytes = Array(
                "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            for _ in 0..<3 { HTTPChunkEncoder.encode(Array("hello".utf8), into: &bytes) }
            HTTPChunkEncoder.finish(into: &bytes)
            for byte in bytes { try client.socket.write([byte]) }
            let body = Array("hellohellohello".utf8)
            #expect(try client.next()?.text == UploadResponder.receipt(of: body))
        }
    }

    @Test func `who may not send a body is told so before it`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(
                Self.post("/forbidden", 40_000_000, ["Expect: 100-continue"]))
            #expect(try client.next()?.head.status == .unauthorized)
            #expect(try client.next() == nil)
            #expect(responder.taken.count == 0)
        }
    }

    @Test func `who may is told to go on`() async throws {
        try await TestServer.run(responder: UploadResponder()) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/a", 2, ["Expect: 100-continue"]))
            #expect(try client.next()?.head.status == .continue)
            try client.socket.write(Array("hi".utf8))
            #expect(try client.next()?.head.status == .created)
        }
    }

    @Test func `a client is not read while its receiver is busy`() async throws {
        let responder = UploadResponder(gate: Gate(isOpen: false))
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            let body = StubResponder.pattern(40_000_000)
            try client.socket.write(Self.post("/a", body.count))
            // As long as another connection talks to the same loop, this one could have been read.
            var sent = 0
            var turnsWithoutRoom = 0
            while turnsWithoutRoom < 50 {
                let more = try client.socket.writeSome(body[sent...])
                sent += more
                turnsWithoutRoom = more == 0 ? turnsWithoutRoom + 1 : 0
                let other = try HTTPClient(server)
                try other.socket.write(HTTPClient.get("/", ["Connection: close"]))
                _ = try other.next()
            }
            #expect(sent < body.count, "the kernel holds less than this")
            #expect(responder.gate.gathers(1))
            server.onLoop { reactor in
                let held = reactor.slots.compactMap(\.connection).map {
                    $0.conversation.heldBytes
                }
                #expect(held.allSatisfy { $0 <= 2 * 65_536 })
            }
            responder.gate.open()
            try client.socket.write(Array(body[sent...]))
            #expect(try client.next()?.text == UploadResponder.receipt(of: body))
        }
    }

    @Test func `a receiver that has enough ends the connection with its answer`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/enough", 40_000_000) + [1, 2, 3])
            #expect(try client.next()?.head.status == .contentTooLarge)
            #expect(try client.next() == nil)
            #expect(responder.taken.count == 1)
            #expect(responder.abandoned.count == 0)
        }
    }

    @Test(arguments: [
        "Content-Length: \(UploadResponder.bodyBytesMax + 1)\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nfffffff\r\n",
    ])
    func `a body that is longer than the receiver takes is refused`(rest: String) async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Array("POST /a HTTP/1.1\r\nHost: a\r\n\(rest)".utf8))
            #expect(try client.next()?.head.status == .contentTooLarge)
            #expect(try client.next() == nil)
            #expect(responder.abandoned.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `a client that goes away gives up its upload`(isBusy: Bool) async throws {
        let responder = UploadResponder(gate: Gate(isOpen: !isBusy))
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/a", 1_000) + [1, 2, 3])
            if isBusy {
                #expect(responder.gate.gathers(1))
            } else {
                while responder.taken.count == 0 { server.onLoop { _ in } }
            }
            client.socket.reset()
            while server.census.total > 0 { server.onLoop { _ in } }
            responder.gate.open()
            while responder.abandoned.count == 0 { server.onLoop { _ in } }
            #expect(responder.abandoned.count == 1)
        }
    }

    @Test func `a body that ends too early gives up its upload`() async throws {
        let responder = UploadResponder()
        try await TestServer.run(responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/a", 1_000) + [1, 2, 3])
            client.socket.finishWriting()
            #expect(try client.next() == nil)
            while responder.abandoned.count == 0 { server.onLoop { _ in } }
        }
    }

    @Test func `an upload may take longer than a request, if it is not silent`() async throws {
        let responder = UploadResponder()
        let limits = ConnectionLimits(handshakeMs: 1, idleMs: 60_000)
        try await TestServer.run(limits: limits, responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/a", 2) + [1])
            while responder.taken.count == 0 { server.onLoop { _ in } }
            // As if a sweep had come a second later.
            server.onLoop { reactor in
                reactor.nowMs += 1_000
                for connection in reactor.slots.compactMap(\.connection) {
                    reactor.rearm(connection)
                }
            }
            try client.socket.write([2])
            #expect(try client.next()?.head.status == .created)
        }
    }

    @Test func `a silent upload is given up`() async throws {
        let responder = UploadResponder()
        let limits = ConnectionLimits(idleMs: 100)
        try await TestServer.run(limits: limits, responder: responder) { server in
            let client = try HTTPClient(server)
            try client.socket.write(Self.post("/a", 1_000) + [1, 2, 3])
            #expect(try client.next()?.head.status == .requestTimeout)
            #expect(try client.next() == nil)
            #expect(responder.abandoned.count == 1)
        }
    }

    @Test func `an upload is due by its silence, and by how little has come of it`() {
        var upload = HTTPUpload(
            head: Self.head, receiver: NoReceiver(), beganMs: 1_000, idleMs: 60_000)
        #expect(upload.dueMs(lastReceivedMs: 1_000) == 61_000)
        upload.receivedBytes = 10
        #expect(upload.dueMs(lastReceivedMs: 30_000) == 61_010)
        upload.receivedBytes = 1_000_000
        #expect(upload.dueMs(lastReceivedMs: 30_000) == 90_000)
    }

    private final class NoReceiver: HTTPBodyReceiver {
        @concurrent func receive(_ bytes: [UInt8]) async -> HTTPAnswer? { nil }
        @concurrent func finish() async -> HTTPAnswer { .response(HTTPResponse(status: .ok)) }
        func abandon() {}
    }

    private static var head: HTTPRequestHead {
        guard let head = HTTPReading(httpGet()).heads.first else {
            preconditionFailure("a plain request can be read")
        }
        return head
    }
}
