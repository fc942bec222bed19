import Engine
import Testing

@testable import Transport

struct FanOutTests {
    @Test(arguments: [1, 2])
    func `every member gets each message once and in order, whatever its wire`(
        loopCount: Int
    ) async throws {
        try await TestServer.run(loopCount: loopCount) { server in
            var members: [(client: STOMPClient, id: String)] = []
            for carrier in STOMPClient.Carrier.allCases {
                for version in STOMPVersion.allCases {
                    for id in ["s", "t"] {
                        let client = try STOMPClient(server, over: carrier)
                        try client.connect(version)
                        try client.subscribe(id, to: "/topic/a")
                        members.append((client, id))
                    }
                }
            }
            let text = { (number: Int) in String(repeating: "\(number) ", count: 100) }
            for number in 1...20 { try members[0].client.publish(text(number), to: "/topic/a") }
            for (client, id) in members {
                let messages = try client.messages(20)
                #expect(messages.map(\.offset) == Array(1...20))
                #expect(messages.map(\.text) == (1...20).map(text))
                #expect(messages.allSatisfy { $0.headers.value(of: "subscription") == id })
                #expect(try client.roundTrip().isEmpty)
            }
        }
    }

    @Test func `a member of several rooms gets what all of them say in one tick`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server)
            try client.connect()
            let topics = (0..<5).map { "/topic/\($0)" }
            for topic in topics { try client.subscribe(topic, to: topic) }
            let other = try STOMPClient(server)
            try other.connect()
            try other.subscribe(to: "/topic/0")
            var sends: [UInt8] = []
            for number in 1...10 {
                for topic in topics {
                    sends += client.bytes(
                        .send, [("destination", topic)], body: Array("\(number)".utf8))
                }
            }
            try server.whileResting { try client.socket.write(sends) }
            let messages = try client.messages(50)
            for topic in topics {
                let own = messages.filter { $0.headers.value(of: "destination") == topic }
                #expect(own.map(\.text) == (1...10).map(String.init))
            }
            #expect(try other.messages(10).map(\.text) == (1...10).map(String.init))
        }
    }

    @Test func `joining in the tick of a publication misses nothing and repeats nothing`()
        async throws
    {
        try await TestServer.run { server in
            let publisher = try STOMPClient(server)
            try publisher.connect()
            try publisher.subscribe(to: "/topic/a")
            for round in UInt64(0)..<50 {
                let joiner = try STOMPClient(server)
                try joiner.connect()
                try server.whileResting {
                    try publisher.publish("before", to: "/topic/a")
                    try joiner.send(
                        .subscribe,
                        [
                            ("id", "s"), ("destination", "/topic/a"),
                            ("position", "7:\(round * 2)"),
                        ])
                    try publisher.publish("after", to: "/topic/a")
                }
                #expect(try joiner.messages(2).map(\.offset) == [round * 2 + 1, round * 2 + 2])
                #expect(try joiner.roundTrip().isEmpty)
                #expect(try publisher.messages(2).map(\.text) == ["before", "after"])
            }
        }
    }

    @Test func `nothing of a subscription comes behind the receipt of its end`() async throws {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            let publisher = try STOMPClient(server)
            try publisher.connect()
            for _ in 0..<50 {
                try member.subscribe(to: "/topic/a")
                try server.whileResting {
                    try publisher.publish("one", to: "/topic/a")
                    try member.send(.unsubscribe, [("id", "s"), ("receipt", "u")])
                    try publisher.publish("two", to: "/topic/a")
                }
                while let frame = try member.next(), frame.command != .receipt {
                    #expect(frame.command == .message)
                }
                #expect(try member.roundTrip().isEmpty)
                _ = try publisher.roundTrip()
            }
            server.onLoop { #expect($0.audiences.isEmpty) }
        }
    }

    @Test func `members that reset their connections harm nobody`() async throws {
        try await TestServer.run(loopCount: 2) { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe(to: "/topic/a")
            for number in 1...20 {
                let leaver = try STOMPClient(server, over: .webSocket)
                try leaver.connect()
                try leaver.subscribe(to: "/topic/a")
                leaver.socket.reset()
                try member.publish("\(number)", to: "/topic/a")
            }
            #expect(try member.messages(20).map(\.text) == (1...20).map(String.init))
        }
    }

    @Test func `what a member was told before comes before the messages of the tick`()
        async throws
    {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe(to: "/topic/a")
            let key = server.room("/topic/a").key
            let reactor: any Outlet = server.server.reactors[0]
            server.whileResting {
                reactor.loop.post {
                    reactor.send(
                        .receipt(id: "first"), to: Endpoint(slot: 0, generation: 1))
                }
                reactor.deliver([Self.publication(1)], in: key)
            }
            #expect(try member.next()?.command == .receipt)
            #expect(try member.next()?.offset == 1)
        }
    }

    @Test func `who leaves was given what came before`() async throws {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            let key = server.room("/topic/a").key
            let reactor: any Outlet = server.server.reactors[0]
            let endpoint = Endpoint(slot: 0, generation: 1)
            let wire = SubscriptionWire(
                id: "s", destination: "/topic/a", isAcknowledged: false,
                epoch: Epoch(rawValue: 7))
            server.whileResting {
                reactor.loop.post { _ = reactor.join(key, wire, endpoint: endpoint) }
                reactor.deliver([Self.publication(1)], in: key)
                reactor.loop.post { reactor.leave(key, wire, endpoint: endpoint) }
                reactor.deliver([Self.publication(2)], in: key)
            }
            #expect(try member.roundTrip().map(\.offset) == [1])
            server.onLoop { #expect($0.audiences.isEmpty) }
        }
    }

    private static func publication(_ offset: UInt64) -> Publication {
        Publication(
            offset: offset, sender: .server, senderName: "", contentType: "", body: [],
            timestampMs: 0)
    }

    /// A message fails to reach the connection whose goodbye is just read.
    @Test(arguments: ["goodbye", "end of the subscription"])
    func `a connection that breaks while it leaves a room leaves nothing behind`(
        farewell: String
    ) async throws {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe(to: "/topic/a")
            let key = server.room("/topic/a").key
            let reactor: any Outlet = server.server.reactors[0]
            let publication = Self.publication(1)
            try server.whileResting {
                if farewell == "goodbye" {
                    try member.send(.disconnect, [])
                } else {
                    try member.send(.unsubscribe, [("id", "s")])
                }
                member.socket.reset()
                // A timer runs in the turn that finds the bytes, before they are read.
                reactor.loop.schedule(afterMs: 0) { reactor.deliver([publication], in: key) }
            }
            let next = try STOMPClient(server)
            try next.connect()
            server.onLoop { #expect($0.audiences.isEmpty) }
            reactor.deliver([publication], in: key)
            #expect(try next.roundTrip().map(\.line) == [])
        }
    }

    /// The first room it leaves finds it broken; the second one must not keep its slot, which the
    /// next connection gets.
    @Test func `a connection that breaks while it leaves one room leaves its other rooms, too`()
        async throws
    {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe("a", to: "/topic/a")
            try member.subscribe("b", to: "/topic/b")
            let keys = ["/topic/a", "/topic/b"].map { server.room($0).key }
            let reactor: any Outlet = server.server.reactors[0]
            let publication = Self.publication(1)
            let witness = try STOMPClient(server)
            try witness.connect()
            try server.whileResting {
                try member.send(.disconnect, [])
                member.socket.reset()
                // A timer runs in the turn that finds the bytes, before they are read.
                reactor.loop.schedule(afterMs: 0) { reactor.deliver([publication], in: keys[0]) }
            }
            // Once this is answered, the member's place is free.
            _ = try witness.roundTrip()
            let next = try STOMPClient(server)
            try next.connect()
            server.onLoop { #expect($0.audiences.isEmpty) }
            reactor.deliver([publication], in: keys[1])
            #expect(try next.roundTrip().map(\.line) == [])
        }
    }

    /// The flush before the joining finds that the only other member is gone.
    @Test func `who joins while the last member breaks hears what follows`() async throws {
        try await TestServer.run { server in
            let member = try STOMPClient(server)
            try member.connect()
            try member.subscribe(to: "/topic/a")
            let joiner = try STOMPClient(server)
            try joiner.connect()
            let key = server.room("/topic/a").key
            let reactor: any Outlet = server.server.reactors[0]
            let wire = SubscriptionWire(
                id: "j", destination: "/topic/a", isAcknowledged: false,
                epoch: Epoch(rawValue: 7))
            server.whileResting {
                member.socket.reset()
                reactor.deliver([Self.publication(1)], in: key)
                reactor.loop.post {
                    _ = reactor.join(key, wire, endpoint: Endpoint(slot: 1, generation: 1))
                }
                reactor.deliver([Self.publication(2)], in: key)
            }
            #expect(try joiner.messages(1).map(\.offset) == [2])
        }
    }
}
