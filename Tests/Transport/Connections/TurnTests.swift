import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

struct TurnTests {
    @Test(arguments: STOMPClient.Carrier.allCases)
    func `who sends much at once waits for its next turns, and gets all its answers`(
        carrier: STOMPClient.Carrier
    ) async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: carrier)
            try client.connect()
            let count = 1_000
            let flood = (0..<count).flatMap {
                client.bytes(
                    $0.isMultiple(of: 2) ? .begin : .abort,
                    [("transaction", "t"), ("receipt", "\($0)")])
            }
            let wasHeldUp = Mutex(false)
            server.onLoop { reactor in
                guard let connection = reactor.slots.compactMap(\.connection).first else { return }
                reactor.receive(flood.span, over: connection)
                wasHeldUp.withLock { $0 = connection.isYielding && connection.isReadPaused }
            }
            #expect(wasHeldUp.withLock { $0 })
            let receipts = try (0..<count).map { _ in
                try client.next()?.headers.value(of: "receipt-id")
            }
            #expect(receipts == (0..<count).map { "\($0)" })
        }
    }

    @Test func `what is wrong behind a turn's end is found in a later one`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: .webSocket)
            try client.connect()
            let heartBeats = (0..<500).flatMap { _ in STOMPClient.message([10]) }
            // An unmasked frame, which no client may send.
            try client.socket.write(heartBeats + [0x81, 0x01, 0x0A])
            #expect(try client.rest().isEmpty)
            #expect(client.closeCode == .protocolError)
        }
    }

    @Test func `a connection that ends while it waits for its turn is forgotten`() async throws {
        try await TestServer.run { server in
            let client = try STOMPClient(server, over: .stream)
            try client.connect()
            let flood = (0..<1_000).flatMap {
                client.bytes($0.isMultiple(of: 2) ? .begin : .abort, [("transaction", "t")])
            }
            server.onLoop { reactor in
                guard let connection = reactor.slots.compactMap(\.connection).first else { return }
                reactor.receive(flood.span, over: connection)
                reactor.close(connection)
            }
            let other = try STOMPClient(server, over: .stream)
            try other.connect()
            #expect(try other.roundTrip().isEmpty)
        }
    }
}
