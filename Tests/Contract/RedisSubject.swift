import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Runs a test with links to the server that all tests share, as a user of its own, who may be
/// forbidden to write.
func withRedisServers(
    _ body: (RedisServers, _ setFailing: @escaping @Sendable (Bool) async -> Void) async throws
        -> Void
) async throws {
    let (server, prefix) = try await SharedRedis.instance.server()
    let user = "user-" + prefix.dropLast()
    try await withRedisServers(server.url, prefix: prefix) { admin in
        await admin.command("ACL", "SETUSER", user, "on", ">secret", "~*", "&*", "+@all")
        let url = server.url.replacing("redis://", with: "redis://\(user):secret@")
        try await withRedisServers(url, prefix: prefix) { servers in
            try await body(servers) { isFailing in
                await admin.command("ACL", "SETUSER", user, isFailing ? "-@write" : "+@write")
            }
        }
    }
}

/// Runs a test with links from two loops to a server.
private func withRedisServers(
    _ url: String, prefix: String, _ body: (RedisServers) async throws -> Void
) async throws {
    let loops = [try EventLoop(), try EventLoop()]
    let threads = try loops.map { try LoopThread(running: $0, name: "tested") }
    let settings = RedisSettings(servers: [try RedisURL(url)], prefix: prefix)
    let servers = RedisServers.open(settings, loops: loops)
    func end() async {
        await servers.close()
        for loop in loops { loop.close() }
        for thread in threads { thread.join() }
    }
    do {
        #expect(await servers.opened(withinMs: 10_000).failures == [])
        try await body(servers)
    } catch {
        await end()
        throw error
    }
    await end()
}

extension RedisServers {
    /// Has the first server do something, which must succeed.
    fileprivate func command(_ words: String...) async {
        let result = await withCheckedContinuation { continuation in
            home.enter { link in
                link.send(words.map { Array($0.utf8) }) { continuation.resume(returning: $0) }
            }
        }
        #expect(result == .success(.status("OK")))
    }
}
