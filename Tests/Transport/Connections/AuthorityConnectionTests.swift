import Engine
import Glibc
import TestSupport
import Testing

@testable import Transport

/// Changed authority on real connections.
struct AuthorityConnectionTests {
    private let gate = Gate(isOpen: true)
    private let register: Register

    init() {
        register = Register(answering: gate.schedule)
    }

    /// Does something to the register and tells the server of it, on every loop.
    private func change(_ server: TestServer, _ body: () -> Void) {
        body()
        server.server.authorityChanged(.users([UserID(5)]))
        for index in server.server.reactors.indices { server.onLoop(index) { _ in } }
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `sessions of a user who is shut out end, and no others`(carrier: STOMPClient.Carrier)
        async throws
    {
        try await TestServer.run(loopCount: 2, authenticator: register) { server in
            let clients = try (0..<4).map { _ in try STOMPClient(server, over: carrier) }
            for client in clients { try client.connect(user: 5) }
            let bystander = try STOMPClient(server, over: carrier)
            try bystander.connect(user: 6)
            change(server) { register.shutOut(UserID(5)) }
            for client in clients {
                #expect(try client.rest().map(\.code) == ["revoked"])
                #expect(client.closeCode == (carrier == .stream ? nil : .expired))
            }
            #expect(try bystander.roundTrip().isEmpty)
        }
    }

    @Test func `everybody is asked where nobody knows whose authority changed`() async throws {
        try await TestServer.run(authenticator: register) { server in
            let client = try STOMPClient(server)
            try client.connect(user: 5)
            let bystander = try STOMPClient(server)
            try bystander.connect(user: 6)
            register.shutOut(UserID(5))
            server.server.authorityChanged(.everybody)
            #expect(try client.rest().map(\.code) == ["revoked"])
            #expect(try bystander.roundTrip().isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `who is shut out while signing in does not get in`(missesSome: Bool) async throws {
        try await TestServer.run(authenticator: register) { server in
            let client = try STOMPClient(server)
            gate.close()
            try client.send(.connect, STOMPClient.credentials(.v12, user: 5))
            while gate.waitingCount == 0 { sched_yield() }
            // The answer on its way says that the account is good.
            register.shutOut(UserID(5))
            server.server.authorityChanged(missesSome ? .everybody : .users([UserID(5)]))
            server.onLoop { _ in }
            gate.open()
            #expect(try client.rest().map(\.code) == ["revoked"])
            #expect(register.questionCount == 2)
        }
    }

    @Test func `who signs in while others are shut out is asked once`() async throws {
        try await TestServer.run(authenticator: register) { server in
            let client = try STOMPClient(server)
            gate.close()
            try client.send(.connect, STOMPClient.credentials(.v12, user: 6))
            while gate.waitingCount == 0 { sched_yield() }
            change(server) { register.shutOut(UserID(5)) }
            gate.open()
            #expect(try client.next()?.command == .connected)
            #expect(register.questionCount == 1)
        }
    }

    @Test func `who is shut out while a fresh token is checked is sent away`() async throws {
        try await TestServer.run(authenticator: register) { server in
            let client = try STOMPClient(server)
            try client.connect(user: 5)
            gate.close()
            try client.send(
                .send,
                [
                    ("destination", "/pub/session/token"), ("login", "5"), ("passcode", "word"),
                    ("receipt", "n"),
                ])
            while gate.waitingCount == 0 { sched_yield() }
            change(server) { register.shutOut(UserID(5)) }
            gate.open()
            #expect(try client.rest().last?.code == "revoked")
        }
    }

    @Test func `a place that somebody else has taken belongs to them`() async throws {
        try await TestServer.run(authenticator: register) { server in
            let first = try STOMPClient(server)
            try first.connect(user: 5)
            first.socket.close()
            while server.census.total > 0 { sched_yield() }
            let second = try STOMPClient(server)
            try second.connect(user: 6)
            change(server) { register.shutOut(UserID(5)) }
            #expect(try second.roundTrip().isEmpty)
            #expect(register.questionCount == 2)
        }
    }
}

struct AuthorityChangesTests {
    private let user = UserID(5)

    @Test func `a change concerns who was asking then`() {
        var changes = AuthorityChanges()
        changes.add(.users([user]))
        let mark = changes.mark
        #expect(!changes.concern(user, since: mark))
        changes.add(.users([UserID(6)]))
        #expect(!changes.concern(user, since: mark))
        changes.add(.users([user]))
        #expect(changes.concern(user, since: mark))
        #expect(!changes.concern(user, since: changes.mark))
    }

    @Test func `a moment that is long ago may have seen any change`() {
        var changes = AuthorityChanges()
        let early = changes.mark
        for number in 0..<1_024 {
            changes.add(.users([UserID(Int64(1_000 + number))]))
        }
        #expect(!changes.concern(user, since: early))
        let late = changes.mark
        changes.add(.users([UserID(7)]))
        #expect(changes.concern(user, since: early))
        #expect(!changes.concern(user, since: late))
        #expect(changes.concern(UserID(7), since: late))
    }

    @Test func `what concerns everybody concerns whoever was asking`() {
        var changes = AuthorityChanges()
        let mark = changes.mark
        changes.add(.everybody)
        #expect(changes.concern(user, since: mark))
        #expect(!changes.concern(user, since: changes.mark))
    }
}

struct ReconnectSpreadTests {
    private func delays(_ connectionCount: Int) -> [Int64] {
        var random = SeededRandom(seed: 1)
        let spread = ReconnectSpread(connectionCount: connectionCount)
        return (0..<10_000).map { _ in spread.delayMs(using: &random) }
    }

    @Test(
        arguments: [
            (0, 2_500), (100, 2_500), (10_000, 10_500), (50_000, 50_500), (1_000_000, 60_500),
        ] as [(Int, Int64)])
    func `the more there are, the longer they take to come back`(count: Int, lastMs: Int64) {
        let delays = delays(count)
        #expect(delays.allSatisfy { (500...lastMs).contains($0) })
        #expect(delays.min()! < 500 + lastMs / 20)
        #expect(delays.max()! > lastMs - lastMs / 20)
    }
}
