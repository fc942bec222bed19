import TestSupport
import Testing

@testable import Transport

/// Primaries with replicas: confirmation of writes, and Sentinel.
struct RedisReplicationTests {
    private static let atOnce = ["--repl-diskless-sync-delay", "0"]

    private let write = RedisScript("write", "return redis.call('INCR', KEYS[1])")

    @Test func `a write is answered when the replicas have it`() async throws {
        try await withRedis(Self.atOnce) { primary in
            try await withRedis(["--replicaof", "127.0.0.1 \(primary.port)"]) { replica in
                try await RedisWorld.with([replica.url]) { _ in }
                try await RedisWorld.with([primary.url], confirmingReplicaCount: 1) { world in
                    await world.news.opened()
                    // The replica needs some time to be one.
                    while await world.run(write, keys: ["n"]).success == nil {}
                    let before = await world.run(write, keys: ["n"]).success?.integer ?? 0
                    await withTaskGroup { group in
                        for _ in 0..<100 {
                            group.addTask { await world.run(write, keys: ["n"]).success }
                        }
                        var answers: Set<Int64> = []
                        for await value in group { answers.insert(value?.integer ?? -1) }
                        #expect(answers == Set(before + 1...before + 100))
                    }
                }
            }
        }
    }

    @Test func `a write that no replica confirms is in doubt, and what reads is not`() async throws
    {
        try await withRedis { primary in
            try await RedisWorld.with([primary.url], confirmingReplicaCount: 1) { world in
                await world.news.opened()
                #expect(
                    await world.run(write, keys: ["n"]).failure
                        == .unreachable("0 of 1 replicas confirmed"))
                #expect(await world.send("GET", "n").success == .string([49]))
                #expect(await world.servers.probe().isReady)
            }
        }
    }

    @Test func `Sentinel names the primary, and the next one when it fails`() async throws {
        try await withRedis(Self.atOnce) { primary in
            try await withRedis(["--replicaof", "127.0.0.1 \(primary.port)"]) { replica in
                try await withTemporaryDirectory { directory in
                    let sentinel = try await RedisProcess.startSentinel(
                        of: primary, named: "main", in: directory)
                    defer { sentinel.kill() }
                    // The first of the two is nobody's.
                    let url = "redis+sentinel://127.0.0.1:1,127.0.0.1:\(sentinel.port)/main"
                    try await RedisWorld.with([url]) { world in
                        await world.news.opened()
                        #expect(await world.port() == primary.port)
                        let life = await world.life()
                        while await world.replicaCount() == 0 {}
                        primary.kill()
                        await world.news.opened()
                        #expect(await world.port() == replica.port)
                        #expect(await world.life() != life)
                    }
                }
            }
        }
    }

    @Test func `a Sentinel that says nothing is passed over`() async throws {
        let address = try #require(SocketAddress(host: "127.0.0.1", port: 0))
        let silent = try Socket.listen(on: address)
        let place = try #require(silent.localAddress)
        try await withRedis { primary in
            try await withTemporaryDirectory { directory in
                let sentinel = try await RedisProcess.startSentinel(
                    of: primary, named: "main", in: directory)
                defer { sentinel.kill() }
                let url = "redis+sentinel://\(place),127.0.0.1:\(sentinel.port)/main"
                try await RedisWorld.with([url]) { world in
                    #expect(await world.servers.opened(withinMs: 10_000).failures == [])
                }
            }
        }
        #expect(silent.localAddress == place)
    }

    @Test(arguments: [true, false])
    func `a Sentinel is told the password, and may want none`(wantsOne: Bool) async throws {
        try await withRedis(["--requirepass", "a-word"]) { primary in
            try await withTemporaryDirectory { directory in
                let sentinel = try await RedisProcess.startSentinel(
                    of: primary, named: "main", password: wantsOne ? "a-word" : nil, in: directory)
                defer { sentinel.kill() }
                let url = "redis+sentinel://:a-word@127.0.0.1:\(sentinel.port)/main"
                try await RedisWorld.with([url]) { world in
                    await world.news.opened()
                    #expect(await world.port() == primary.port)
                }
            }
        }
    }
}

extension RedisWorld {
    /// The port of the server that the link talks to.
    fileprivate func port() async -> UInt16? {
        await send("CONFIG", "GET", "port").success?.elements?.last?.text.flatMap { UInt16($0) }
    }

    fileprivate func replicaCount() async -> Int {
        let role = await send("ROLE").success?.elements
        return role.map { $0.count > 2 ? $0[2].elements?.count ?? 0 : 0 } ?? 0
    }
}
