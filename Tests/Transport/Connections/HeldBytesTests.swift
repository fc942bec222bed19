import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// The bound on what all clients together make the process hold.
struct HeldBytesTests {
    @Test func `nothing is too much below the bound`() {
        let held = HeldBytes(bytesMax: 800, loopCount: 2)
        held.add(800)
        #expect(held.excess(ofLoopHolding: 800) == 0)
        held.add(1)
        #expect(held.excess(ofLoopHolding: 801) == 101)
        held.add(-101)
        #expect(held.count == 700)
        #expect(held.excess(ofLoopHolding: 700) == 0)
    }

    @Test func `a loop with less than its share gives nothing, some other loop does`() {
        let held = HeldBytes(bytesMax: 800, loopCount: 2)
        held.add(300)
        held.add(600)
        #expect(held.excess(ofLoopHolding: 300) == 0)
        // Down to seven eighths of the bound.
        #expect(held.excess(ofLoopHolding: 600) == 200)
        held.add(300)
        #expect(held.excess(ofLoopHolding: 600) == 250)
    }

    @Test(arguments: STOMPClient.Carrier.allCases)
    func `who makes the process hold most goes first, and is told why`(
        carrier: STOMPClient.Carrier
    ) async throws {
        // Nobody alone is too slow.
        let limits = ConnectionLimits(
            outboxBytesMax: 100_000_000, outboxTotalBytesMax: 4_000_000, lingerMs: 60_000)
        try await TestServer.run(limits: limits) { server in
            let greedy = try STOMPClient(server, over: carrier, receiveBufferBytes: 4_096)
            let modest = try STOMPClient(server, over: carrier, receiveBufferBytes: 4_096)
            let publisher = try STOMPClient(server)
            for client in [greedy, modest, publisher] { try client.connect() }
            try greedy.subscribe(to: "/topic/much")
            try modest.subscribe(to: "/topic/little")
            let body = Noise.text(50_000)
            // More than the kernel's buffers hold, and then some.
            for topic in ["/topic/little"] + Array(repeating: "/topic/much", count: 12) {
                for _ in 0..<20 { try publisher.publish(body, to: topic) }
                _ = try publisher.roundTrip()
            }
            let frames = try greedy.rest()
            #expect(frames.last?.code == "too-slow")
            #expect(frames.count < 240)
            let offsets = frames.dropLast().compactMap(\.offset)
            #expect(offsets == (0..<UInt64(frames.count - 1)).map { $0 + 1 })
            #expect(try modest.messages(20).map(\.offset) == Array(1...20))
            server.onLoop { reactor in
                #expect(reactor.heldBytes < 4_000_000)
                #expect(reactor.processHeld.count == reactor.heldBytes)
            }
        }
    }

    @Test func `what connections held is counted out when they are gone`() async throws {
        try await TestServer.run { server in
            let body = Noise.text(50_000)
            let unfinished = try STOMPClient(server, over: .webSocket)
            try unfinished.connect()
            let frame = unfinished.bytes(
                .send, [("destination", "/topic/a")], body: Array(body.utf8))
            try unfinished.socket.write(Array(frame.dropLast(10)))
            let request = try WireSocket(port: server.httpPort)
            try request.write(
                Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n".utf8))
            try request.write(Array(body.utf8))
            let witness = try STOMPClient(server)
            try witness.connect()
            var heldBytes = 0
            while heldBytes < 2 * body.utf8.count - 100 {
                _ = try witness.roundTrip()
                heldBytes = Self.heldBytes(server)
            }
            #expect(heldBytes < 8 * body.utf8.count)
            request.close()
            try unfinished.socket.write(Array(frame.suffix(10)))
            while heldBytes > 0 {
                _ = try witness.roundTrip()
                heldBytes = Self.heldBytes(server)
            }
        }
    }

    private static func heldBytes(_ server: TestServer) -> Int {
        let count = Mutex(0)
        server.onLoop { reactor in count.withLock { $0 = reactor.heldBytes } }
        return count.withLock { $0 }
    }
}
