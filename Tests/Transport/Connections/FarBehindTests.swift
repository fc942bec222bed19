import Engine
import TestSupport
import Testing

@testable import Transport

struct FarBehindTests {
    /// A topic whose room lives on the first of two loops.
    private static var topic: String {
        get throws {
            let names = (0..<100).map { "topic/\($0)" }
            return "/" + (try #require(names.first { StreamName($0).stableHash % 2 == 0 }))
        }
    }

    @Test func `a room takes no more while a loop can't keep up with what it says`() async throws {
        try await TestServer.run(
            loopCount: 2, limits: ConnectionLimits(outboxBytesMax: 1_000_000_000)
        ) { server in
            // Connections are dealt to the loops in turn.
            let publisher = try STOMPClient(server)
            let member = try STOMPClient(server)
            try publisher.connect()
            try member.connect()
            let topic = try Self.topic
            try member.subscribe(to: topic)
            try publisher.subscribe("e", to: "/errors")
            let body = Noise.text(60_000)
            let count = 1_500
            var stored = 0
            var refused: [STOMPFrame] = []
            try server.whileResting(1) {
                for number in 1...count {
                    try publisher.publish(body, to: topic, receipt: "\(number)")
                    let answer = try #require(try publisher.next())
                    if answer.command == .receipt { stored += 1 } else { refused.append(answer) }
                }
            }
            // Each message is counted with some bytes more than its body.
            #expect(stored == Reactor.undeliveredBytesMax / (60_000 + Reactor.publicationBytes) + 1)
            #expect(refused.count == count - stored)
            #expect(Set(refused.map { $0.headers.value(of: "code") }) == ["too-fast"])
            #expect(try member.messages(stored).map(\.offset) == (1...UInt64(stored)).map(\.self))
            try publisher.publish("again", to: topic, receipt: "again")
            #expect(try publisher.next()?.command == .receipt)
            #expect(try member.messages(1).map(\.text) == ["again"])
        }
    }
}
