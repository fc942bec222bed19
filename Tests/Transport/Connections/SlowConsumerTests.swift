import Engine
import TestSupport
import Testing
import Transport

struct SlowConsumerTests {
    private static let body = String(repeating: "pets ", count: 1_600)

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `a member that reads slowly gets everything in order`(carrier: STOMPClient.Carrier)
        async throws
    {
        try await TestServer.run { server in
            let slow = try STOMPClient(server, over: carrier, receiveBufferBytes: 8_192)
            try slow.connect()
            try slow.subscribe(to: "/topic/a")
            let publisher = try STOMPClient(server)
            try publisher.connect()
            // Less than what may wait for it.
            for number in 1...100 {
                try publisher.publish("\(number) \(Self.body)", to: "/topic/a")
            }
            _ = try publisher.roundTrip()
            let messages = try slow.messages(100)
            #expect(messages.map(\.offset) == Array(1...100))
            #expect(messages.map(\.text) == (1...100).map { "\($0) \(Self.body)" })
        }
    }

    @Test func `a member that does not read is sent away, and delays nobody`() async throws {
        // It reads what it is owed only when the others are done, however long that takes.
        let limits = ConnectionLimits(outboxBytesMax: 200_000, lingerMs: 60_000)
        try await TestServer.run(limits: limits) { server in
            let stuck = try STOMPClient(server, receiveBufferBytes: 4_096)
            try stuck.connect()
            try stuck.subscribe(to: "/topic/a")
            let other = try STOMPClient(server)
            try other.connect()
            try other.subscribe(to: "/topic/a")
            let publisher = try STOMPClient(server)
            try publisher.connect()
            // More than the kernel's buffers hold.
            let count = 1_500
            for number in 1...count {
                try publisher.publish(Self.body, to: "/topic/a")
                let message = try #require(try other.messages(1).first)
                #expect(message.offset == UInt64(number))
            }
            let frames = try stuck.rest()
            #expect(frames.last?.code == "too-slow")
            let messages = frames.dropLast()
            #expect(messages.count < count)
            #expect(messages.map(\.offset) == (0..<messages.count).map { UInt64($0 + 1) })
        }
    }

    @Test func `history is no burden, however large its messages are`() async throws {
        let limits = ConnectionLimits(outboxBytesMax: 1_048_576)
        try await TestServer.run(limits: limits) { server in
            let publisher = try STOMPClient(server)
            try publisher.connect()
            let body = String(repeating: "x", count: 60_000)
            for _ in 0..<256 { try publisher.publish(body, to: "/topic/a") }
            _ = try publisher.roundTrip()
            let reader = try STOMPClient(server, receiveBufferBytes: 8_192)
            try reader.connect()
            let (receipt, replay) = try reader.subscribe(to: "/topic/a", [("position", "7:0")])
            #expect(replay.map(\.offset) == Array(1...256))
            #expect(receipt.headers.value(of: "resume") == "complete")
        }
    }
}
