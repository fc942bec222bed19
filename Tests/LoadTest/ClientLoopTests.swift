import Testing
import Transport

@testable import LoadTest

struct ClientLoopTests {
    /// Says nothing, is live at once, and goes on when its server has ended it.
    private final class Persistent: Dialogue {
        let isLive = true
        let keepAlive = KeepAlive.none

        func begin(into output: inout [UInt8]) {}

        func receive(
            _ bytes: Span<UInt8>, replyingInto output: inout [UInt8],
            telling listener: any DialogueListener
        ) {}

        func publish(_ message: OutgoingMessage, into output: inout [UInt8]) {}

        func probe(into output: inout [UInt8]) {}

        func beat(into output: inout [UInt8]) {}

        func successor() -> (any Dialogue)? { Persistent() }
    }

    /// Counts what becomes of the clients.
    private final class Onlooker: ClientObserver {
        private(set) var openedCount = 0
        private(set) var closedCount = 0

        func opened(_ connection: ClientConnection) {
            openedCount += 1
        }

        func delivered(
            _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
            atUs nowUs: Int64
        ) {}

        func closed(_ connection: ClientConnection, why: ClientFailure) {
            closedCount += 1
        }
    }

    private let clients: ClientLoop
    private let listener: Socket
    private let onlooker = Onlooker()

    init() throws {
        clients = try ClientLoop(count: 1)
        let anyPort = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        listener = try Socket.listen(on: anyPort)
        let address = try #require(listener.localAddress)
        try clients.open(0, ClientPlan(dialogue: Persistent(), address: address))
    }

    @Test func `a client whose successor finds no server is gone once`() {
        while onlooker.openedCount == 0 { clients.turn(for: onlooker) }
        guard case .connection(let descriptor, _) = listener.accept() else {
            Issue.record("nobody connected")
            return
        }
        listener.close()
        Socket(descriptor: descriptor).close()
        while onlooker.closedCount == 0 { clients.turn(for: onlooker) }
        #expect(onlooker.closedCount == 1)
        #expect(clients.liveCount == 0)
        #expect(clients.connectingCount == 0)
    }

    @Test func `a client that was cut off and then fails is taken away once`() throws {
        let client = try #require(clients[0])
        clients.cut(0)
        clients.close(client, why: .disconnected, for: onlooker)
        #expect(clients.connectingCount == 0)
    }
}
