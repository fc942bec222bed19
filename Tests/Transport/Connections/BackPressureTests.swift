import Engine
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
}
