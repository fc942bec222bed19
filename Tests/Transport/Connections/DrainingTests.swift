import Engine
import Glibc
import TestSupport
import Testing

@testable import Transport

/// Connections of a server that goes away, or of a room that was lost.
struct DrainingTests {
    private let gate = Gate(isOpen: true)

    /// Lets a client publish something that stays unfinished until the gate is open.
    private func leaveUnfinished(_ client: STOMPClient, _ server: TestServer) throws {
        try client.publish("one", to: "/topic/b")
        _ = try client.roundTrip()
        gate.close()
        try client.publish("two", to: "/topic/b", receipt: "p")
        while gate.waitingCount == 0 { sched_yield() }
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `what was published before is stored and has its receipt before the goodbye`(
        carrier: STOMPClient.Carrier
    ) async throws {
        try await TestServer.run(schedule: gate.schedule) { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            try leaveUnfinished(client, server)
            let other = try STOMPClient(server, over: carrier)
            try other.connect()
            try server.whileStopping {
                #expect(try other.rest().map(\.code) == ["going-away"])
                other.socket.close()
                gate.open()
                let frames = try client.rest()
                #expect(frames.map(\.command) == [.receipt, .error])
                #expect(frames.first?.headers.value(of: "receipt-id") == "p")
                #expect(frames.last?.code == "going-away")
                client.socket.close()
            }
        }
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `who is not done in time is told so and cut off`(carrier: STOMPClient.Carrier)
        async throws
    {
        try await TestServer.run(schedule: gate.schedule) { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            try leaveUnfinished(client, server)
            server.server.stop(withinMs: 400)
            let frames = try client.rest()
            #expect(frames.map(\.code) == ["going-away"])
            #expect(client.closeCode == (carrier == .stream ? nil : .goingAway))
            #expect(server.census.total == 0)
        }
    }

    @Test func `a request that takes too long is cut off`() async throws {
        let gate = gate
        gate.close()
        try await TestServer.run(responder: StubResponder(gate: gate)) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/wait"))
            while gate.waitingCount == 0 { sched_yield() }
            server.server.stop(withinMs: 200)
            #expect(try client.next() == nil)
            gate.open()
        }
    }

    @Test func `the answer to a request that had begun says that it is the last`() async throws {
        try await TestServer.run { server in
            let client = try HTTPClient(server)
            let request = HTTPClient.get("/a")
            try client.socket.write(Array(request.prefix(10)))
            let other = try STOMPClient(server)
            try other.connect()
            try server.whileStopping {
                #expect(try other.rest().map(\.code) == ["going-away"])
                other.socket.close()
                try client.socket.write(Array(request.dropFirst(10)))
                let answer = try client.next()
                #expect(answer?.text == "GET /a ")
                #expect(answer?.head.headers.first(named: "connection") == "close")
                #expect(try client.next() == nil)
                client.socket.close()
            }
        }
    }

    @Test func `nobody becomes a WebSocket any more`() async throws {
        try await TestServer.run { server in
            var random = SystemRandomNumberGenerator()
            let handshake = WebSocketClientHandshake(
                subprotocols: ["v12.stomp"], offersDeflate: false, using: &random)
            let request = STOMPClient.upgradeRequest(handshake, path: "/stomp")
            let client = try HTTPClient(server)
            try client.socket.write(Array(request.prefix(10)))
            let other = try STOMPClient(server)
            try other.connect()
            try server.whileStopping {
                #expect(try other.rest().map(\.code) == ["going-away"])
                other.socket.close()
                try client.socket.write(Array(request.dropFirst(10)))
                #expect(try client.next()?.head.status == .serviceUnavailable)
                client.socket.close()
            }
        }
    }

    @Test func `a lost room sends its members away after what they published elsewhere`()
        async throws
    {
        try await TestServer.run(schedule: gate.schedule) { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe(to: "/topic/a")
            let bystander = try STOMPClient(server)
            try bystander.connect()
            try leaveUnfinished(member, server)
            let room = server.room("/topic/a")
            server.onLoop { $0.sendAway(room.key) }
            server.onLoop { reactor in
                // Of the stream's next life: its old members know nothing of that.
                let publication = Publication(
                    offset: 1, sender: .server, senderName: "", contentType: "", body: [1],
                    timestampMs: 0)
                reactor.fanOut([publication], in: room.key)
            }
            #expect(try bystander.roundTrip().isEmpty)
            gate.open()
            let frames = try member.rest()
            #expect(frames.map(\.command) == [.receipt, .error])
            #expect(frames.last?.code == "going-away")
            #expect(try bystander.roundTrip().isEmpty)
        }
    }
}
