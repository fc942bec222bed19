import Dispatch
import Engine
import TestSupport
import Testing

@testable import Transport

/// A server on free ports of the loopback interface: HTTP with STOMP over WebSocket at `/stomp`, an
/// echo at `/echo` and event streams at `/events`, and STOMP over TCP.
struct TestServer {
    let server: Server
    let community: Community
    let census: Census
    let httpPort: UInt16
    let stompPort: UInt16

    /// Serves while `body` runs, on a thread of its own: it may block.
    static func run(
        loopCount: Int = 1, limits: ConnectionLimits = ConnectionLimits(lingerMs: 60_000),
        sessionLimits: SessionLimits = SessionLimits(), connectionsPerHostMax: Int = 10_000,
        schedule: @escaping Schedule = { step in step() },
        directory: any Directory = OpenDirectory(),
        authenticator: any Authenticator = WordAuthenticator("word"),
        responder: any HTTPResponder = StubResponder(),
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        let server = try Server(loopCount: loopCount, limits: limits)
        let broker = InMemoryBroker(
            epoch: Epoch(rawValue: 7), now: { SystemClock.wallMs() }, schedule: schedule)
        let rooms = Rooms(
            broker: broker, outlets: server.reactors, now: { SystemClock.wallMs() })
        let community = Community(
            rooms: rooms, directory: directory, authenticator: authenticator,
            store: InMemoryStore(now: { SystemClock.wallMs() }), limits: sessionLimits,
            now: { SystemClock.wallMs() })
        let census = Census(totalMax: 10_000, perHostMax: connectionsPerHostMax)
        let webSockets: [String: WebSocketEndpoint] = [
            "/stomp": .stomp(
                STOMPEndpoint(community: community, origins: OriginPolicy(allowed: [])) { $1 }),
            "/echo": .messages(MessageEndpoint(bytesMax: 1_000_000) { payload, _ in payload }),
        ]
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let answering = EventResponder(community: community, others: responder)
        let http = try await server.listen(
            on: address, for: Service(.http(answering, webSockets: webSockets), census: census))
        let stomp = try await server.listen(
            on: address, for: Service(.stomp(community), census: census))
        let running = TestServer(
            server: server, community: community, census: census, httpPort: http.port,
            stompPort: stomp.port)
        try await onThread {
            defer { server.stop(withinMs: 0) }
            try body(running)
        }
    }

    /// The room of a topic.
    func room(_ topic: String) -> Room {
        do {
            return try community.rooms.room(
                named: StreamName(String(topic.dropFirst())),
                policy: RoomPolicy(retention: Retention(countMax: 10_000)))
        } catch {
            preconditionFailure("a test's rooms have no bound")
        }
    }

    /// Runs something on a loop, and waits for it.
    func onLoop(_ index: Int = 0, _ body: @escaping @Sendable (isolated Reactor) -> Void) {
        let reactor = server.reactors[index]
        let isDone = DispatchSemaphore(value: 0)
        reactor.eventLoop.post {
            reactor.assumeIsolated(body)
            isDone.signal()
        }
        isDone.wait()
    }

    /// Does something while the server stops, and waits until it has.
    func whileStopping(_ body: () throws -> Void) throws {
        let server = server
        let hasStopped = DispatchSemaphore(value: 0)
        DispatchQueue(label: "stopping").async {
            server.stop(withinMs: 60_000)
            hasStopped.signal()
        }
        try body()
        try #require(hasStopped.wait(timeout: .now() + 10) == .success, "the server goes on")
    }

    /// Does something while a loop rests: it finds all of it at once when it goes on.
    func whileResting(_ index: Int = 0, _ body: () throws -> Void) rethrows {
        let reactor = server.reactors[index]
        let isResting = DispatchSemaphore(value: 0)
        let goesOn = DispatchSemaphore(value: 0)
        reactor.eventLoop.post {
            isResting.signal()
            goesOn.wait()
        }
        isResting.wait()
        defer { goesOn.signal() }
        try body()
    }
}

/// Runs a blocking body, as part of the calling task, on a thread that is not the pool's.
func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withTaskExecutorPreference(BlockingExecutor()) { try body() }
}

/// Runs a task's jobs on a queue of its own, which may block.
private final class BlockingExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "blocking test")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
