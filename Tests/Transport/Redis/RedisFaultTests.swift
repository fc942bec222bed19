import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// A link under faults of a real server.
struct RedisFaultTests {
    @Test func `a server that stands still is noticed, and used again when it goes on`()
        async throws
    {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                server.pause()
                // Sent to a connection that takes it and never answers.
                let failure = await world.send("SET", "k", "v").failure
                #expect(failure == .unreachable("no probe has come back for 2000 ms"))
                #expect(await world.news.lost() == "no probe has come back for 2000 ms")
                #expect(await world.servers.probe().isReady == false)
                server.resume()
                await world.news.opened()
                #expect(await world.send("PING").success == .status("PONG"))
            }
        }
    }

    @Test func `connections that are cut fail what is in flight once, and are made again`()
        async throws
    {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let life = await world.life()
                let answers = Mutex<[Int: Int]>([:])
                await withCheckedContinuation { continuation in
                    world.link.enter { link in
                        for number in 0..<1_000 {
                            link.send([Array("PING".utf8)]) { _ in
                                answers.withLock { $0[number, default: 0] += 1 }
                            }
                        }
                        link.send(["CLIENT", "KILL", "TYPE", "pubsub"].map { Array($0.utf8) }) {
                            _ in
                        }
                        // Answered only after the loss, if at all.
                        link.send(["BLPOP", "never", "0"].map { Array($0.utf8) }) {
                            #expect($0.failure?.isUnreachable == true)
                            continuation.resume()
                        }
                    }
                }
                #expect(answers.withLock { $0.count == 1_000 && $0.values.allSatisfy { $0 == 1 } })
                await world.news.opened()
                #expect(await world.life() == life)
            }
        }
    }

    @Test func `a data set that is lost while connected begins another life`() async throws {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let life = await world.life()
                await world.send("FLUSHALL")
                #expect(await world.news.lost() == "the data set has another life, or none")
                await world.news.opened()
                let next = await world.life()
                #expect(next != nil && next != life)
            }
        }
    }

    @Test func `a script that finds no life has the link begin anew`() async throws {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let script = RedisScript("needs life", "return redis.error_reply('NOLIFE gone')")
                #expect(await world.run(script).failure == .unreachable("NOLIFE gone"))
                #expect(await world.news.lost() == "NOLIFE gone")
                await world.news.opened()
            }
        }
    }

    @Test func `links of one data set share its life`() async throws {
        let (server, prefix) = try await SharedRedis.instance.server()
        try await RedisWorld.with([server.url], prefix: prefix) { one in
            try await RedisWorld.with([server.url], prefix: prefix) { other in
                await one.news.opened()
                await other.news.opened()
                let life = await one.life()
                #expect(life != nil)
                #expect(await other.life() == life)
            }
        }
    }

    @Test func `a server that knows no AUTH makes nobody tell the password`() async throws {
        try await withRedis(["--rename-command", "AUTH", ""]) { server in
            let url = "redis://:s3cr3tpw@127.0.0.1:\(server.port)"
            try await RedisWorld.with([url]) { world in
                #expect(await world.news.lost() == "ERR: the server refused the password")
                let failures = await world.servers.probe().failures
                #expect(!failures.isEmpty && !failures.contains { $0.contains("s3cr3tpw") })
            }
        }
    }

    @Test func `a password is needed, and the right one`() async throws {
        try await withRedis(["--requirepass", "right"]) { server in
            let port = server.port
            try await RedisWorld.with(["redis://:wrong@127.0.0.1:\(port)"]) { world in
                #expect(
                    await world.news.lost()
                        == "WRONGPASS: the server refused the password")
                #expect(await world.servers.probe().failures.first?.contains(":***@") == true)
            }
            try await RedisWorld.with([server.url]) { world in
                #expect(await world.news.lost() == "NOAUTH Authentication required.")
            }
            try await RedisWorld.with(["redis://default:right@127.0.0.1:\(port)/5"]) { world in
                await world.news.opened()
                await world.send("SET", "k", "v")
                let info = await world.send("INFO", "keyspace").success?.text
                #expect(info?.contains("db5:keys=2") == true)
                #expect(info?.contains("db0") == false)
            }
        }
    }

    @Test func `a replica is refused`() async throws {
        try await withRedis { primary in
            try await withRedis(["--replicaof", "127.0.0.1 \(primary.port)"]) { replica in
                try await RedisWorld.with([replica.url]) { world in
                    #expect(await world.news.lost() == "the server is a replica")
                }
            }
        }
    }

    @Test func `a server that becomes a replica is left`() async throws {
        try await withRedis { primary in
            try await withRedis { server in
                try await RedisWorld.with([server.url]) { world in
                    await world.news.opened()
                    await world.send("REPLICAOF", "127.0.0.1", String(primary.port))
                    _ = await world.news.lost()
                    #expect(await world.send("PING").failure?.isUnreachable == true)
                }
            }
        }
    }

    @Test func `a name that has no address is said`() async throws {
        try await RedisWorld.with(["redis://nowhere.invalid:1"]) { world in
            let reason = await world.news.lost()
            #expect(reason.hasPrefix("nowhere.invalid: "))
            #expect(
                await world.servers.probe().failures == ["redis://nowhere.invalid:1: \(reason)"])
        }
    }

    @Test func `a server that speaks another language is refused`() async throws {
        let listener = try Socket.listen(on: #require(SocketAddress(host: "127.0.0.1", port: 0)))
        let port = try #require(listener.localAddress?.port)
        // Takes connections and says nothing: the attempt ends by its time.
        try await RedisWorld.with(["redis://127.0.0.1:\(port)"]) { world in
            #expect(await world.news.lost() == "no answer in time")
        }
        listener.close()
    }

    @Test func `a port where nobody listens is said`() async throws {
        let listener = try Socket.listen(on: #require(SocketAddress(host: "127.0.0.1", port: 0)))
        let port = try #require(listener.localAddress?.port)
        listener.close()
        try await RedisWorld.with(["redis://127.0.0.1:\(port)"]) { world in
            #expect(await world.news.lost() == "Connection refused")
        }
    }
}
