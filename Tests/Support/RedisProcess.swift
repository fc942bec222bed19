import Foundation
import Glibc
import Synchronization

/// A real `redis-server` of a test: a child process on a free port of the loopback, with a directory
/// of its own. It keeps nothing on disk unless told to, and ends with `stop`, or with this process,
/// however that ends.
public final class RedisProcess: Sendable {
    public let port: UInt16
    private let program: String
    private let directory: String
    private let arguments: [String]
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let server: Process
        /// Kills the server when this process ends.
        let guardian: Process
    }

    /// Why no server could be started: what the last one said.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private init(_ program: String, port: UInt16, directory: String, arguments: [String]) {
        self.program = program
        self.port = port
        self.directory = directory
        self.arguments = arguments
    }

    /// The address as a setting.
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts a server with more options, such as `["--appendonly", "yes"]`, and returns once it
    /// takes connections.
    public static func start(
        _ options: [String] = [], in directory: String
    ) async throws -> RedisProcess {
        let defaults = ["--save", "", "--appendonly", "no", "--loglevel", "notice"]
        return try await start("redis-server", in: directory) { port in
            ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory] + defaults + options
        }
    }

    /// Starts a sentinel that watches a primary under a name, and returns once it does. With a
    /// `password` it answers nobody who doesn't know it.
    public static func startSentinel(
        of primary: RedisProcess, named name: String, password: String? = nil, in directory: String
    ) async throws -> RedisProcess {
        try await start("redis-sentinel", in: directory) { port in
            let configuration = """
                port \(port)
                bind 127.0.0.1
                dir \(directory)
                sentinel monitor \(name) 127.0.0.1 \(primary.port) 1
                sentinel down-after-milliseconds \(name) 500
                sentinel failover-timeout \(name) 2000
                \(password.map { "requirepass \($0)" } ?? "")

                """
            let path = "\(directory)/sentinel-\(port).conf"
            try configuration.write(toFile: path, atomically: true, encoding: .utf8)
            return [path]
        }
    }

    private static func start(
        _ program: String, in directory: String, _ arguments: (UInt16) throws -> [String]
    ) async throws -> RedisProcess {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        var words = ""
        // Nobody can ask for a free port: a taken one is found out by trying. These are below those
        // that the kernel gives to whoever connects.
        for _ in 0..<20 {
            let port = UInt16.random(in: 20_000..<32_000)
            let server = RedisProcess(
                program, port: port, directory: directory, arguments: try arguments(port))
            do {
                try await server.restart()
                return server
            } catch let failure as Failure {
                words = failure.description
            }
        }
        throw Failure(description: words)
    }

    /// Starts the server again, on the same port and data, and returns once it takes connections.
    public func restart() async throws {
        let server = Process()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments = [program] + arguments
        server.currentDirectoryURL = URL(filePath: directory)
        let output = Pipe()
        server.standardInput = FileHandle.nullDevice
        server.standardOutput = output
        server.standardError = output
        try Self.run(server)
        let guardian = try Self.guardian(of: server.processIdentifier)
        running.withLock { $0 = Running(server: server, guardian: guardian) }
        let log = Log()
        let isReady = await withCheckedContinuation { continuation in
            output.fileHandleForReading.readabilityHandler = { handle in
                let bytes = handle.availableData
                if bytes.isEmpty { handle.readabilityHandler = nil }
                if let isReady = log.take(bytes) { continuation.resume(returning: isReady) }
            }
        }
        guard isReady else {
            kill()
            throw Failure(description: "\(program): \(log.text)")
        }
    }

    /// Ends in order, and waits for that.
    public func stop() { end(SIGTERM) }

    /// Ends like by a loss of power, and waits for that.
    public func kill() { end(SIGKILL) }

    /// Lets the server do nothing more, while its connections stay.
    public func pause() { signal(SIGSTOP) }

    public func resume() { signal(SIGCONT) }

    private func signal(_ number: Int32) {
        running.withLock { running in
            if let running { _ = Glibc.kill(running.server.processIdentifier, number) }
        }
    }

    private func end(_ number: Int32) {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        _ = Glibc.kill(running.server.processIdentifier, number)
        // Who is paused ends when he goes on.
        _ = Glibc.kill(running.server.processIdentifier, SIGCONT)
        running.server.waitUntilExit()
        _ = Glibc.kill(running.guardian.processIdentifier, SIGKILL)
        running.guardian.waitUntilExit()
    }

    /// Runs a process that can be told to end: the threads of tasks block signals, and what they
    /// start inherits that. One at a time, since one that is started meanwhile may inherit the
    /// descriptor by which Foundation sees the other's end.
    private static func run(_ process: Process) throws {
        try starting.withLock { _ in try runAlone(process) }
    }

    private static let starting = Mutex(())

    private static func runAlone(_ process: Process) throws {
        var (every, before) = (sigset_t(), sigset_t())
        unsafe sigfillset(&every)
        unsafe pthread_sigmask(SIG_UNBLOCK, &every, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
    }

    private static func guardian(of processID: Int32) throws -> Process {
        let guardian = Process()
        guardian.executableURL = URL(filePath: "/bin/sh")
        guardian.arguments = ["-c", "read -r _; kill -9 \(processID)"]
        // Never written to; closed with this process.
        guardian.standardInput = Pipe()
        try run(guardian)
        return guardian
    }

    /// What a server says, until it is ready.
    private final class Log: Sendable {
        private let state = Mutex((bytes: Data(), isDecided: false))

        var text: String {
            state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
        }

        /// Adds to the log. Returns, once, whether the server is ready: nil as long as that is open.
        /// No bytes are its end.
        func take(_ bytes: Data) -> Bool? {
            state.withLock { state -> Bool? in
                guard !state.isDecided else { return nil }
                state.bytes.append(bytes)
                let text = String(decoding: state.bytes, as: UTF8.self)
                let isReady =
                    text.contains("Ready to accept connections") || text.contains("+monitor")
                guard isReady || bytes.isEmpty else { return nil }
                state.isDecided = true
                return isReady
            }
        }
    }
}

/// Runs a test with a server of its own, for faults; see `RedisProcess.start`.
public func withRedis(
    _ options: [String] = [], _ body: (RedisProcess) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        let server = try await RedisProcess.start(options, in: directory)
        defer { server.kill() }
        try await body(server)
    }
}

/// The server that all tests of this process share, each with a prefix of its own.
public actor SharedRedis {
    public static let instance = SharedRedis()

    private var starting: Task<RedisProcess, any Error>?
    private var prefixLast = 0

    /// The server, and a prefix that nobody had before.
    public func server() async throws -> (RedisProcess, prefix: String) {
        let starting =
            self.starting
            ?? Task {
                let directory = FileManager.default.temporaryDirectory.path
                return try await RedisProcess.start(in: directory)
            }
        self.starting = starting
        prefixLast += 1
        let prefix = "test\(prefixLast):"
        return (try await starting.value, prefix)
    }
}
