import Engine
import Glibc
import TestSupport
import Testing

@testable import Transport

/// How event streams end: each says why, and a client that comes back goes on from where it was.
struct EventStreamEndingTests {
    private let gate = Gate(isOpen: true)
    private let register: Register

    init() {
        register = Register(answering: gate.schedule)
    }

    /// The last event of a stream that ended for a reason.
    private func last(_ code: String, _ id: String = "7:0") -> StreamEvent {
        StreamEvent(name: "error", data: code, lastID: id)
    }

    private func begin(
        _ server: TestServer, _ query: String = "feed=message=/topic/a&user=5"
    ) throws -> EventStreamClient {
        let client = try EventStreamClient(server, query)
        #expect(try client.next() == .connected("complete", "7:0"))
        return client
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `who reads too slowly is told so, and comes back for the rest`(version: String)
        async throws
    {
        let limits = ConnectionLimits(outboxBytesMax: 200_000, lingerMs: 60_000)
        try await TestServer.run(limits: limits) { server in
            let stuck = try EventStreamClient(server, version: version, receiveBufferBytes: 4_096)
            let publisher = try STOMPClient(server)
            try publisher.connect()
            try publisher.subscribe(to: "/topic/a")
            server.room("/topic/a").key.isJoined(on: server, by: 2)
            // More than the kernel's buffers hold.
            let body = String(repeating: "pets ", count: 1_600)
            let count = 1_500
            for number in 1...count {
                try publisher.publish("\(number) \(body)", to: "/topic/a")
                _ = try publisher.messages(1)
            }
            #expect(try stuck.next() == .connected("complete", "7:0"))
            let events = try stuck.rest()
            let got = events.count - 1
            #expect(got < count)
            #expect(events.last == last("too-slow", "7:\(got)"))
            let back = try EventStreamClient(server, "feed=message=/topic/a&after=7:\(got)")
            #expect(try back.next() == .connected("complete", "7:\(got)"))
            let rest = try back.events(count - got)
            #expect(
                (events.dropLast() + rest).map(\.data) == (1...count).map { "\($0) \(body)" })
        }
    }

    @Test func `who is not told all of its history in one piece comes back to hear so`()
        async throws
    {
        let kept = 300
        let directory = OpenDirectory(RoomPolicy(retention: Retention(countMax: kept)))
        try await TestServer.run(directory: directory) { server in
            let publisher = try STOMPClient(server)
            try publisher.connect()
            let body = Noise.text(60_000)
            func publish() throws {
                for _ in 0..<kept { try publisher.publish(body, to: "/topic/a") }
                _ = try publisher.roundTrip()
            }
            try publish()
            let client = try EventStreamClient(
                server, "feed=message=/topic/a&after=7:0", receiveBufferBytes: 8_192)
            #expect(try client.next() == .connected("complete", "7:0"))
            // Meanwhile what it has not been sent is forgotten.
            try publish()
            let events = try client.rest()
            let got = events.count - 1
            #expect(events.last == last("going-away", "7:\(got)"))
            #expect(got < kept)
            #expect(events.dropLast().map(\.lastID) == (1...got).map { "7:\($0)" })
            let back = try EventStreamClient(server, "feed=message=/topic/a&after=7:\(got)")
            #expect(try back.next() == .connected("gap", "7:\(kept)"))
            #expect(try back.next()?.lastID == "7:\(kept + 1)")
        }
    }

    @Test func `a stream ends with its token`() async throws {
        try await TestServer.run { server in
            let client = try EventStreamClient(server, "feed=message=/topic/a&expires=500")
            #expect(try client.next() == .connected("complete", "7:0"))
            #expect(try client.rest() == [last("token-expired")])
            server.onLoop { #expect($0.audiences.isEmpty) }
        }
    }

    @Test func `streams of a user who is shut out end, and no others`() async throws {
        try await TestServer.run(directory: register, authenticator: register) { server in
            let client = try begin(server)
            let bystander = try begin(server, "feed=message=/topic/a&user=6")
            register.shutOut(UserID(5))
            server.server.authorityChanged(.users([UserID(5)]))
            #expect(try client.rest() == [last("revoked")])
            let publisher = try STOMPClient(server)
            try publisher.connect(user: 7)
            try publisher.publish("one", to: "/topic/a")
            #expect(try bystander.next()?.data == "one")
        }
    }

    @Test(arguments: [false, true])
    func `who is shut out while the request is answered hears nothing`(missesSome: Bool)
        async throws
    {
        let responder = StubResponder(gate: Gate(isOpen: false))
        try await TestServer.run(
            directory: register, authenticator: register, responder: responder
        ) { server in
            let client = try EventStreamClient(server, "feed=message=/topic/a&user=5&wait")
            #expect(responder.gate.gathers(1))
            register.shutOut(UserID(5))
            server.server.authorityChanged(missesSome ? .everybody : .users([UserID(5)]))
            server.onLoop { _ in }
            responder.gate.open()
            #expect(try client.rest() == [last("revoked", "")])
        }
    }

    @Test func `who may be in a room no more is sent away`() async throws {
        try await TestServer.run(directory: register, authenticator: register) { server in
            let client = try begin(server)
            register.set("/topic/a", open: false, to: UserID(5))
            server.server.authorityChanged(.users([UserID(5)]))
            #expect(try client.rest() == [last("forbidden")])
            server.onLoop { #expect($0.audiences.isEmpty) }
        }
    }

    @Test func `a stream of what is not there ends at once`() async throws {
        try await TestServer.run { server in
            let client = try EventStreamClient(server, "feed=message=/nowhere")
            #expect(try client.rest() == [last("no-such-destination", "")])
        }
    }

    @Test func `a server that goes away says when to come back`() async throws {
        try await TestServer.run { server in
            let client = try begin(server)
            let asked = client.reader.retryMs
            try server.whileStopping {
                let events = try client.rest()
                #expect(events == [last("going-away")])
                client.socket.close()
            }
            let delayMs = try #require(client.reader.retryMs)
            #expect(delayMs != asked && (500...2_500).contains(delayMs))
        }
    }

    @Test func `nobody begins a stream any more`() async throws {
        let responder = StubResponder(gate: Gate(isOpen: false))
        try await TestServer.run(responder: responder) { server in
            let late = try EventStreamClient(server, "feed=message=/topic/a&wait")
            #expect(responder.gate.gathers(1))
            let other = try begin(server)
            try server.whileStopping {
                let goodbye = try other.rest()
                #expect(goodbye == [last("going-away")])
                other.socket.close()
                responder.gate.open()
                let events = try late.rest()
                #expect(events == [])
                #expect(late.head?.status == .serviceUnavailable)
                late.socket.close()
            }
        }
    }

    @Test func `a lost room sends its streams away`() async throws {
        try await TestServer.run { server in
            let client = try begin(server)
            let key = server.room("/topic/a").key
            server.onLoop { $0.sendAway(key) }
            #expect(try client.rest() == [last("going-away")])
        }
    }

    @Test func `a client that goes leaves its room`() async throws {
        try await TestServer.run { server in
            for isPolite in [true, false] {
                let client = try begin(server)
                if isPolite { client.socket.finishWriting() } else { client.socket.reset() }
                while server.census.total > 0 { sched_yield() }
                server.onLoop { #expect($0.audiences.isEmpty) }
            }
        }
    }
}

extension RoomKey {
    /// Waits until the room has so many members on the first loop.
    fileprivate func isJoined(on server: TestServer, by count: Int) {
        let joined = Counter()
        while joined.count == 0 {
            server.onLoop { reactor in
                let groups = reactor.audiences[self]?.groups ?? []
                if groups.reduce(0, { $0 + $1.members.count }) == count { joined.add() }
            }
        }
    }
}
