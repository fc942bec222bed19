import Engine
import Glibc
import TestSupport
import Testing
import Transport

struct ServerTests {
    @Test(arguments: STOMPClient.Carrier.allCases)
    func `a server that stops tells every client, and ends`(carrier: STOMPClient.Carrier)
        async throws
    {
        try await TestServer.run(loopCount: 2) { server in
            let clients = try (0..<4).map { _ in try STOMPClient(server, over: carrier) }
            for client in clients {
                try client.connect()
                try client.subscribe(to: "/topic/a")
            }
            let idle = try HTTPClient(server)
            try idle.socket.write(HTTPClient.get("/a"))
            _ = try idle.next()
            // Clients close when they are told to, as the server waits for them.
            try server.whileStopping {
                for client in clients {
                    let frames = try client.rest()
                    #expect(frames.map(\.code) == ["going-away"])
                    let delay = frames.first?.headers.value(of: "reconnect-after-ms")
                    #expect(delay.flatMap { Int($0) } != nil)
                    #expect(client.closeCode == (carrier == .stream ? nil : .goingAway))
                    client.socket.close()
                }
                #expect(try idle.next() == nil)
                idle.socket.close()
            }
            #expect(server.census.total == 0)
        }
    }

    @Test func `a request under way is answered before the server ends`() async throws {
        let gate = Gate(isOpen: false)
        try await TestServer.run(responder: StubResponder(gate: gate)) { server in
            let client = try HTTPClient(server)
            try client.socket.write(HTTPClient.get("/wait"))
            while gate.waitingCount == 0 { sched_yield() }
            try server.whileStopping {
                gate.open()
                let answer = try client.next()
                #expect(answer?.text == "GET /wait ")
                #expect(try client.next() == nil)
                client.socket.close()
            }
        }
    }

    @Test func `a server that may not wait ends although nobody closes`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.connect()
            server.server.stop(withinMs: 0)
            #expect(server.census.total == 0)
        }
    }

    @Test func `connections beyond what an address may have are closed at once`() async throws {
        try await TestServer.run(connectionsPerHostMax: 2) { server in
            let clients = try (0..<2).map { _ in try STOMPClient(server) }
            for client in clients { try client.connect() }
            #expect(try WireSocket(port: server.stompPort).readToEnd().isEmpty)
            clients[0].socket.close()
            while server.census.total == 2 { sched_yield() }
            try STOMPClient(server).connect()
        }
    }

    /// In a process of its own, whose number of descriptors can be limited.
    @Test func `accepting rests while descriptors have run out, and goes on`() async {
        await #expect(processExitsWith: .success) {
            try await TestServer.run { server in
                let clients = try (0..<8).map { _ in try WireSocket() }
                // Room for three more, which the server takes.
                let lowest = dup(0)
                close(lowest)
                var limit = rlimit(
                    rlim_cur: rlim_t(lowest) + 3, rlim_max: rlim_t(lowest) + 3)
                try #require(
                    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                for client in clients { try client.connect(server.httpPort) }
                for client in clients {
                    try client.write(HTTPClient.get("/a", ["Connection: close"]))
                    #expect(try !client.readToEnd().isEmpty)
                    client.close()
                }
            }
        }
    }
}
