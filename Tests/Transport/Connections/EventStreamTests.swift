import Engine
import Glibc
import TestSupport
import Testing

@testable import Transport

/// Event streams: how they begin, what they bring, and what they share.
struct EventStreamTests {
    private func message(_ text: String, _ offset: Int) -> StreamEvent {
        StreamEvent(name: "message", data: text, lastID: "7:\(offset)")
    }

    private func publisher(
        on server: TestServer, of texts: [String] = [], in topic: String = "/topic/a"
    ) throws -> STOMPClient {
        let client = try STOMPClient(server)
        try client.connect()
        for text in texts { try client.publish(text, to: topic) }
        _ = try client.roundTrip()
        return client
    }

    // MARK: Beginning

    @Test func `it says where it begins, and then what is said`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server, of: ["before"])
            let client = try EventStreamClient(server)
            #expect(try client.next() == .connected("complete", "7:1"))
            let head = try #require(client.head)
            #expect(head.status == .ok)
            #expect(
                [
                    "content-type", "cache-control", "x-accel-buffering", "transfer-encoding",
                    "connection",
                ].map { head.headers.first(named: $0) } == [
                    "text/event-stream; charset=utf-8", "no-store", "no", "chunked", "close",
                ])
            #expect((1_000...3_000).contains(client.reader.retryMs ?? 0))
            try publisher.publish("one", to: "/topic/a")
            try publisher.publish("two\nlines", to: "/topic/a")
            #expect(try client.events(2) == [message("one", 2), message("two\nlines", 3)])
        }
    }

    @Test func `a client comes back for what it missed, from the first event on`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server, of: ["1", "2", "3"])
            let client = try EventStreamClient(server, "feed=message=/topic/a&after=7:1")
            #expect(
                try client.events(3) == [
                    .connected("complete", "7:1"), message("2", 2), message("3", 3),
                ])
            let again = try EventStreamClient(server, "feed=message=/topic/a&after=7:3")
            #expect(try again.next() == .connected("complete", "7:3"))
            try publisher.publish("4", to: "/topic/a")
            #expect(try again.next() == message("4", 4))
            #expect(try client.next() == message("4", 4))
        }
    }

    @Test func `who missed more than is kept is told so, and given what is left`() async throws {
        let directory = OpenDirectory(RoomPolicy(retention: Retention(countMax: 3)))
        try await TestServer.run(directory: directory) { server in
            _ = try publisher(on: server, of: (1...10).map(String.init))
            let client = try EventStreamClient(server, "feed=message=/topic/a&after=7:2")
            #expect(
                try client.events(4) == [
                    .connected("gap", "7:7"), message("8", 8), message("9", 9), message("10", 10),
                ])
        }
    }

    @Test(arguments: ["6:2", "7:9"])
    func `a position of another life is worth nothing`(position: String) async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server, of: ["1", "2"])
            let client = try EventStreamClient(server, "feed=message=/topic/a&after=\(position)")
            #expect(try client.next() == .connected("reset", "7:2"))
            try publisher.publish("3", to: "/topic/a")
            #expect(try client.next() == message("3", 3))
        }
    }

    @Test func `long history comes in order to who reads slowly`() async throws {
        try await TestServer.run { server in
            let body = String(repeating: "x", count: 60_000)
            let publisher = try publisher(
                on: server, of: (1...256).map { "\($0) \(body)" })
            let client = try EventStreamClient(
                server, "feed=message=/topic/a&after=7:0", receiveBufferBytes: 8_192)
            #expect(try client.next() == .connected("complete", "7:0"))
            let events = try client.events(256)
            #expect(events == (1...256).map { message("\($0) \(body)", $0) })
            try publisher.publish("live", to: "/topic/a")
            #expect(try client.next() == message("live", 257))
        }
    }

    @Test func `events that name themselves follow once the messages are live`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server, of: ["1"], in: "/chat/a")
            let client = try EventStreamClient(
                server, "feed=message=/chat/a&feed=/events/a&after=7:0")
            #expect(
                try client.events(3) == [
                    .connected("complete", "7:0"), message("1", 1),
                    StreamEvent(name: "live", data: "{}", lastID: "7:1"),
                ])
            try publisher.send(
                .send, [("destination", "/events/a"), ("content-type", "text/plain;event=typing")],
                body: Array("mina".utf8))
            #expect(
                try client.next() == StreamEvent(name: "typing", data: "mina", lastID: "7:1"))
        }
    }

    @Test func `whoever streams a room is there`() async throws {
        try await TestServer.run { server in
            let listener = try STOMPClient(server)
            try listener.connect()
            try listener.subscribe(to: "/events/a")
            let client = try EventStreamClient(server, "feed=message=/chat/a&user=5")
            #expect(try client.next() == .connected("complete", "7:0"))
            let joined = try #require(try listener.next())
            #expect(joined.headers.value(of: "sender") == "5")
        }
    }

    // MARK: Framing

    @Test func `a client of HTTP 1.0 reads until the connection ends`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server)
            let old = try EventStreamClient(server, version: "HTTP/1.0")
            let new = try EventStreamClient(server)
            for client in [old, new] {
                #expect(try client.next() == .connected("complete", "7:0"))
            }
            #expect(old.head?.headers.first(named: "transfer-encoding") == nil)
            try publisher.publish("one", to: "/topic/a")
            for client in [old, new] { #expect(try client.next() == message("one", 1)) }
        }
    }

    @Test func `HEAD is answered by the head alone`() async throws {
        try await TestServer.run { server in
            let socket = try WireSocket(port: server.httpPort)
            let request = "HEAD /events?feed=message=/topic/a HTTP/1.1\r\nHost: localhost\r\n\r\n"
            try socket.write(Array(request.utf8))
            let text = String(decoding: try socket.readToEnd(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(text.contains("content-type: text/event-stream"))
            #expect(text.hasSuffix("\r\n\r\n"))
            server.onLoop { #expect($0.audiences.isEmpty) }
        }
    }

    @Test func `streams of one room are written the same bytes, made once`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server)
            let clients = try (0..<5).map { user in
                try EventStreamClient(server, "feed=message=/topic/a&user=\(user + 1)")
            }
            for client in clients {
                #expect(try client.next() == .connected("complete", "7:0"))
            }
            let key = server.room("/topic/a").key
            server.onLoop { #expect($0.audiences[key]?.groups.map(\.members.count) == [5]) }
            try publisher.publish("one", to: "/topic/a")
            for client in clients { #expect(try client.next() == message("one", 1)) }
        }
    }

    @Test func `what a client sends after its request is not answered`() async throws {
        try await TestServer.run { server in
            let publisher = try publisher(on: server)
            let client = try EventStreamClient(server)
            #expect(try client.next() == .connected("complete", "7:0"))
            try client.socket.write(HTTPClient.get("/a"))
            try publisher.publish("one", to: "/topic/a")
            #expect(try client.next() == message("one", 1))
        }
    }

    // MARK: Silence

    @Test func `a stream that is silent for long gets a comment`() async throws {
        try await TestServer.run { server in
            let client = try EventStreamClient(server)
            #expect(try client.next() == .connected("complete", "7:0"))
            #expect(client.reader.commentCount == 0)
            server.onLoop { reactor in
                guard let connection = reactor.slots[0].connection else { return }
                reactor.slots[0].lastSentMs -= 15_000
                reactor.rearm(connection)
            }
            try client.waitForComments(1)
        }
    }

    @Test func `a peer that acknowledges nothing is given up on`() async throws {
        try await TestServer.run(limits: ConnectionLimits(idleMs: 45_000)) { server in
            let client = try EventStreamClient(server)
            #expect(try client.next() == .connected("complete", "7:0"))
            server.onLoop { reactor in
                var timeoutMs: Int32 = 0
                var size = socklen_t(4)
                let result = unsafe getsockopt(
                    reactor.slots[0].descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT,
                    &timeoutMs, &size)
                #expect(result == 0)
                #expect(timeoutMs == 45_000)
            }
        }
    }
}
