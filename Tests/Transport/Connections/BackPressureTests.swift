import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

struct BackPressureTests {
    @Test(arguments: STOMPClient.Carrier.allCases)
    func `who publishes faster than the broker stores is not read on, and loses nothing`(
        carrier: STOMPClient.Carrier
    ) async throws {
        let gate = Gate(isOpen: true)
        let window = SessionLimits(unacknowledgedMax: 8)
        try await TestServer.run(sessionLimits: window, schedule: gate.schedule) { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            try client.subscribe(to: "/topic/a")
            gate.close()
            // Until the kernel's buffers are full on both sides, and the loop has had its turns.
            let frame = client.bytes(
                .send, [("destination", "/topic/a")], body: Array(repeating: 120, count: 1_000))
            var flood = frame[...]
            var sentCount = 0
            var stalls = 0
            while stalls < 50, sentCount < 50_000 {
                let taken = try client.socket.writeSome(flood)
                flood = flood.dropFirst(taken)
                stalls = taken == 0 ? stalls + 1 : 0
                if flood.isEmpty {
                    sentCount += 1
                    flood = frame[...]
                } else {
                    server.onLoop { _ in }
                }
            }
            #expect(gate.gathers(8))
            server.onLoop { _ in }
            #expect(gate.waitingCount == 8)
            // The rest is in the kernel's buffers, which hold some megabytes.
            #expect((9..<50_000).contains(sentCount))
            // The frame that is under way would be cut off.
            gate.open()
            try client.socket.write(Array(flood))
            sentCount += 1
            #expect(
                try client.messages(sentCount).map(\.offset) == (1...UInt64(sentCount)).map(\.self))
        }
    }

    @Test func `a WebSocket that is not read is not held to be silent`() async throws {
        let gate = Gate(isOpen: true)
        let limits = ConnectionLimits(idleMs: 600)
        let window = SessionLimits(unacknowledgedMax: 1)
        try await TestServer.run(
            limits: limits, sessionLimits: window, schedule: gate.schedule
        ) { server in
            let busy = try STOMPClient(server, over: .webSocket)
            try busy.connect()
            gate.close()
            for number in 1...3 {
                try busy.publish("\(number)", to: "/topic/a", receipt: "\(number)")
            }
            // One that came later is closed for its silence meanwhile.
            let silent = try STOMPClient(server, over: .webSocket)
            #expect(try silent.rest().isEmpty)
            gate.open()
            for number in 1...3 {
                #expect(try busy.next()?.headers.value(of: "receipt-id") == "\(number)")
            }
        }
    }

    /// A compressed message of a few hundred bytes holds fifty frames, and the loop reads hundreds of
    /// such messages at once.
    @Test func `many frames in each compressed message wait without being inflated`() async throws {
        let gate = Gate(isOpen: true)
        let window = SessionLimits(unacknowledgedMax: 8)
        try await TestServer.run(sessionLimits: window, schedule: gate.schedule) { server in
            let client = try STOMPClient(server, over: .deflatedWebSocket)
            try client.connect()
            try client.publish("warm", to: "/topic/a", receipt: "warm")
            _ = try client.next()
            gate.close()
            let message = Self.compressedFrames(50, of: 1_000)
            #expect(message.count < 1_000)
            var flood: [UInt8] = []
            while flood.count < 1_000_000 { flood += message }
            var rest = flood[...]
            var stalls = 0
            while stalls < 50, !rest.isEmpty {
                let taken = try client.socket.writeSome(rest)
                rest = rest.dropFirst(taken)
                stalls = taken == 0 ? stalls + 1 : 0
                server.onLoop { _ in }
            }
            #expect(gate.gathers(8))
            server.onLoop { _ in }
            #expect(gate.waitingCount == 8)
            // One inflated message and what the loop reads at once.
            let held = Mutex(0)
            server.onLoop { reactor in held.withLock { $0 = reactor.heldBytes } }
            #expect(held.withLock { $0 } < 400_000)
            gate.open()
        }
    }

    private static func compressedFrames(_ count: Int, of bodyBytes: Int) -> [UInt8] {
        var frames: [UInt8] = []
        for _ in 0..<count {
            STOMPEncoder.encode(
                STOMPFrame(
                    .send, [("destination", "/topic/a")],
                    body: Array(repeating: 120, count: bodyBytes)),
                version: .v12, into: &frames)
        }
        var deflater = Deflater(windowBits: 15)
        var message: [UInt8] = []
        WebSocketEncoder.frame(
            .text, payload: deflater.deflate(frames.span), isCompressed: true,
            maskKey: 0x1234_5678, into: &message)
        return message
    }

    /// It may have been silent for long when it is read again: that was not its own silence.
    @Test func `a WebSocket that was not read for long is asked before it is closed`() async throws
    {
        let gate = Gate(isOpen: true)
        let limits = ConnectionLimits(idleMs: 600)
        let window = SessionLimits(unacknowledgedMax: 1)
        try await TestServer.run(
            limits: limits, sessionLimits: window, schedule: gate.schedule
        ) { server in
            let busy = try STOMPClient(server, over: .webSocket)
            try busy.connect()
            gate.close()
            try busy.publish("one", to: "/topic/a", receipt: "one")
            // One that came later is closed for its silence meanwhile.
            let silent = try STOMPClient(server, over: .webSocket)
            #expect(try silent.rest().isEmpty)
            gate.open()
            #expect(try busy.next()?.headers.value(of: "receipt-id") == "one")
            try busy.waitForPing()
        }
    }
}
