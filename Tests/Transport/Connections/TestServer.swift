import Dispatch
import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// A server on free ports of the loopback interface: HTTP with STOMP over WebSocket at `/stomp` and
/// an echo at `/echo`, and STOMP over TCP.
struct TestServer {
    let server: Server
    let community: Community
    let census: Census
    let httpPort: UInt16
    let stompPort: UInt16

    /// Serves while `body` runs, on a thread of its own: it may block.
    static func run(
        loopCount: Int = 1, limits: ConnectionLimits = ConnectionLimits(),
        sessionLimits: SessionLimits = SessionLimits(), connectionsPerHostMax: Int = 10_000,
        schedule: @escaping Schedule = { step in step() },
        authenticator: any Authenticator = WordAuthenticator("word"),
        responder: any HTTPResponder = StubResponder(),
        _ body: @escaping @Sendable (TestServer) throws -> Void
    ) async throws {
        let server = try Server(loopCount: loopCount, limits: limits)
        let broker = InMemoryBroker(
            epoch: Epoch(rawValue: 7), now: { SystemClock.wallMs() }, schedule: schedule)
        let community = Community(
            rooms: Rooms(broker: broker, outlets: server.reactors), directory: OpenDirectory(),
            authenticator: authenticator, limits: sessionLimits, now: { SystemClock.wallMs() })
        let census = Census(totalMax: 10_000, perHostMax: connectionsPerHostMax)
        let webSockets: [String: WebSocketEndpoint] = [
            "/stomp": .stomp(
                STOMPEndpoint(community: community, origins: OriginPolicy(allowed: [])) { $1 }),
            "/echo": .messages(MessageEndpoint(bytesMax: 1_000_000) { payload, _ in payload }),
        ]
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let http = try await server.listen(
            on: address, for: Service(.http(responder, webSockets: webSockets), census: census))
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
        community.rooms.room(
            named: StreamName(String(topic.dropFirst())),
            policy: RoomPolicy(retention: Retention(countMax: 10_000)))
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

/// Answers `/bytes/N` with as many bytes, `/wait` when its gate opens, everything else with the
/// method, the path and the body.
struct StubResponder: HTTPResponder {
    var gate = Gate(isOpen: true)
    var answered = Counter()

    @concurrent func respond(to request: HTTPRequest) async -> HTTPResponse {
        answered.add()
        if request.head.path == "/wait" { await gate.pass() }
        let parts = request.head.path.split(separator: "/")
        if parts.count == 2, parts[0] == "bytes", let count = Int(parts[1]) {
            return HTTPResponse(status: .ok, body: Self.pattern(count))
        }
        let line = "\(request.head.method.rawValue) \(request.head.path) "
        return HTTPResponse(status: .ok, body: Array(line.utf8) + request.body)
    }

    /// Bytes among which a piece that is lost or repeated shows.
    static func pattern(_ count: Int) -> [UInt8] {
        let tile = (0..<4_093).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + tile.count)
        while bytes.count < count { bytes += tile }
        return Array(bytes[..<count])
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func add() {
        value.add(1, ordering: .sequentiallyConsistent)
    }

    var count: Int { value.load(ordering: .sequentiallyConsistent) }
}

/// Lets tasks, or steps of an adapter, through when it is open.
final class Gate: Sendable {
    private struct State {
        var isOpen: Bool
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    init(isOpen: Bool) {
        state = Mutex(State(isOpen: isOpen))
    }

    /// Runs the steps of an adapter when the gate is open.
    var schedule: Schedule {
        { step in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiting.append(step) }
                return state.isOpen
            }
            if isOpen { step() }
        }
    }

    /// Returns once the gate is open.
    func pass() async {
        await withCheckedContinuation { continuation in schedule { continuation.resume() } }
    }

    /// Steps that stand before the gate.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func close() {
        state.withLock { $0.isOpen = false }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return exchange(&state.waiting, with: [])
        }
        for step in waiting { step() }
    }
}
