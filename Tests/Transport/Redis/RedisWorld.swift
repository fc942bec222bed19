import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// A loop with links to real servers, as a test uses them.
final class RedisWorld: Sendable {
    let servers: RedisServers
    let loop: EventLoop
    let news: RedisNewsLog

    private init(_ servers: RedisServers, _ loop: EventLoop, _ news: RedisNewsLog) {
        self.servers = servers
        self.loop = loop
        self.news = news
    }

    /// Runs a test with links to servers at these URLs.
    static func with(
        _ urls: [String], prefix: String = "test:", confirmingReplicaCount: Int = 0,
        _ body: (RedisWorld) async throws -> Void
    ) async throws {
        let loop = try EventLoop()
        let thread = try LoopThread(running: loop, name: "tested")
        let news = RedisNewsLog()
        let settings = RedisSettings(
            servers: try urls.map { try RedisURL($0) }, prefix: prefix,
            confirmingReplicaCount: confirmingReplicaCount)
        let servers = RedisServers.open(settings, loops: [loop]) { news.append($0) }
        func end() async {
            await servers.close()
            loop.close()
            thread.join()
        }
        do {
            try await body(RedisWorld(servers, loop, news))
        } catch {
            await end()
            throw error
        }
        await end()
    }

    /// Runs a test with a link to the server that all tests share.
    static func withShared(_ body: (RedisWorld) async throws -> Void) async throws {
        let (server, prefix) = try await SharedRedis.instance.server()
        try await with([server.url], prefix: prefix) { world in
            await world.news.opened()
            try await body(world)
        }
    }

    var link: RedisLink { servers.home }

    /// Sends a command and waits for its reply.
    @discardableResult
    func send(_ words: String...) async -> Result<RedisValue, RedisFailure> {
        await withCheckedContinuation { continuation in
            link.enter { link in
                link.send(words.map { Array($0.utf8) }) { continuation.resume(returning: $0) }
            }
        }
    }

    /// Sends commands with nothing of the link's own between them, and waits for the last one's end.
    func sendTogether(_ commands: [[String]]) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            link.enter { link in
                for (index, command) in commands.enumerated() {
                    link.send(command.map { Array($0.utf8) }) { _ in
                        if index == commands.count - 1 { continuation.resume() }
                    }
                }
            }
        }
    }

    /// Runs a script and waits for its reply.
    func run(
        _ script: RedisScript, keys: [String] = [], _ arguments: [[UInt8]] = []
    ) async -> Result<RedisValue, RedisFailure> {
        await withCheckedContinuation { continuation in
            link.enter { link in
                link.run(script, keys: keys.map { Array($0.utf8) }, arguments: arguments) {
                    continuation.resume(returning: $0)
                }
            }
        }
    }

    /// The data set's life, as the link knows it.
    func life() async -> Epoch? {
        await withCheckedContinuation { continuation in
            link.enter { continuation.resume(returning: $0.life) }
        }
    }
}

/// What was said of the servers, to be waited for: each piece of news once.
final class RedisNewsLog: Sendable {
    private let stream: AsyncStream<RedisNews>
    private let continuation: AsyncStream<RedisNews>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func append(_ news: RedisNews) {
        continuation.yield(news)
    }

    /// Why the next server was lost, once that has happened; what was said before is passed over.
    func lost() async -> String {
        for await case .lost(_, let reason) in stream { return reason }
        return "the end of the test"
    }

    /// Waits until a server was lost and can be used again.
    func openedAgain() async {
        _ = await lost()
        await opened()
    }

    /// Waits for the next server to be usable.
    func opened() async {
        for await case .opened in stream { return }
    }
}

/// What was heard on channels, to be waited for.
final class RecordingChannel: RedisChannelListener {
    enum Event: Equatable {
        case subscribed(String)
        case message(String, String)
    }

    private let events: AsyncStream<Event>
    private let continuation: AsyncStream<Event>.Continuation

    init() {
        (events, continuation) = AsyncStream.makeStream()
    }

    func subscribed(to channel: [UInt8]) {
        continuation.yield(.subscribed(String(decoding: channel, as: UTF8.self)))
    }

    func received(_ message: [UInt8], from channel: [UInt8]) {
        continuation.yield(
            .message(
                String(decoding: channel, as: UTF8.self), String(decoding: message, as: UTF8.self)))
    }

    /// The next so many events, once they have come.
    func next(_ count: Int) async -> [Event] {
        var found: [Event] = []
        for await event in events {
            found.append(event)
            if found.count == count { break }
        }
        return found
    }
}
