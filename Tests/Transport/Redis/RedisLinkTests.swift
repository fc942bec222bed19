import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// A link to a real server.
struct RedisLinkTests {
    @Test func `a command is answered`() async throws {
        try await RedisWorld.withShared { world in
            #expect(await world.send("ECHO", "hello") == .success(.string(Array("hello".utf8))))
            #expect(
                await world.send("NONSENSE").failure
                    == .refused("ERR unknown command 'NONSENSE', with args beginning with: "))
        }
    }

    @Test func `a server is found by its name`() async throws {
        let (server, prefix) = try await SharedRedis.instance.server()
        // Of the addresses that the name may have, one is not the server's.
        let url = "redis://LOCALHOST:\(server.port)"
        try await RedisWorld.with([url], prefix: prefix) { world in
            await world.news.opened()
            #expect(await world.send("PING").success == .status("PONG"))
        }
    }

    @Test func `commands are answered in the order in which they were sent`() async throws {
        try await RedisWorld.withShared { world in
            let answers = Mutex<[Int64]>([])
            await withCheckedContinuation { continuation in
                world.link.enter { link in
                    for number in 1...10_000 {
                        link.send(["INCR", "\(world.servers.prefix)n"].map { Array($0.utf8) }) {
                            let value = (try? $0.get())?.integer ?? -1
                            answers.withLock { $0.append(value) }
                            if number == 10_000 { continuation.resume() }
                        }
                    }
                }
            }
            #expect(answers.withLock { $0 } == Array(1...10_000))
        }
    }

    @Test func `bytes of any value and number come back as they are`() async throws {
        try await RedisWorld.withShared { world in
            let script = RedisScript("echo", "return {ARGV[1], #ARGV[1], KEYS[1]}")
            for count in [0, 1, 256, 16_384, 1_048_576] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
                let value = await world.run(script, keys: ["k"], [bytes]).success
                #expect(
                    value == .array([.string(bytes), .integer(Int64(count)), .string([107])]))
            }
        }
    }

    @Test func `what is more than may wait is refused at once, and the rest is answered`()
        async throws
    {
        try await RedisWorld.withShared { world in
            let results = Mutex<[Result<RedisValue, RedisFailure>]>([])
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                world.link.enter { link in
                    for _ in 0..<70_000 {
                        link.send([Array("PING".utf8)]) { result in
                            let count = results.withLock { results in
                                results.append(result)
                                return results.count
                            }
                            if count == 70_000 { continuation.resume() }
                        }
                    }
                    let refused = results.withLock { $0 }
                    #expect(refused.count == 70_000 - 65_536)
                    #expect(refused.allSatisfy { $0 == .failure(.overloaded) })
                }
            }
            let answered = results.withLock { $0.dropFirst(70_000 - 65_536) }
            #expect(answered.allSatisfy { $0 == .success(.status("PONG")) })
            #expect(await world.send("PING").success == .status("PONG"))
        }
    }

    @Test func `many channels are listened to, and again after a loss`() async throws {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let ear = RecordingChannel()
                let names = (0..<5_000).map { "channel \($0)" }
                world.link.enter { link in
                    for name in names { link.listen(to: Array(name.utf8), ear) }
                }
                #expect(await ear.next(5_000) == names.map { .subscribed($0) })
                await world.send("CLIENT", "KILL", "TYPE", "pubsub")
                #expect(await ear.next(5_000) == names.map { .subscribed($0) })
                await world.send("PUBLISH", names[4_321], "heard")
                #expect(await ear.next(1) == [.message(names[4_321], "heard")])
            }
        }
    }

    @Test func `a script runs again after the server has forgotten it`() async throws {
        try await withRedis { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let script = RedisScript("count", "return redis.call('INCR', KEYS[1])")
                #expect(await world.run(script, keys: ["n"]).success == .integer(1))
                #expect(await world.run(script, keys: ["n"]).success == .integer(2))
                #expect(await world.send("SCRIPT", "FLUSH").success == .status("OK"))
                #expect(await world.run(script, keys: ["n"]).success == .integer(3))
            }
        }
    }

    @Test func `what is published after a subscription is heard, in order`() async throws {
        try await RedisWorld.withShared { world in
            let ear = RecordingChannel()
            let channel = "\(world.servers.prefix)channel"
            world.link.enter { $0.listen(to: Array(channel.utf8), ear) }
            #expect(await ear.next(1) == [.subscribed(channel)])
            for number in 1...3 { await world.send("PUBLISH", channel, "\(number)") }
            #expect(await ear.next(3) == (1...3).map { .message(channel, "\($0)") })
        }
    }

    @Test func `a channel can be left and listened to again at once`() async throws {
        try await RedisWorld.withShared { world in
            let (first, second) = (RecordingChannel(), RecordingChannel())
            let channel = "\(world.servers.prefix)channel"
            world.link.enter { $0.listen(to: Array(channel.utf8), first) }
            #expect(await first.next(1) == [.subscribed(channel)])
            world.link.enter { link in
                for _ in 0..<100 {
                    link.stopListening(to: Array(channel.utf8))
                    link.listen(to: Array(channel.utf8), second)
                }
            }
            #expect(await second.next(1) == [.subscribed(channel)])
            await world.send("PUBLISH", channel, "heard")
            #expect(await second.next(1) == [.message(channel, "heard")])
            #expect(
                await world.send("PUBSUB", "NUMSUB", channel).success?.elements?.last == .integer(1)
            )
        }
    }

    @Test func `a server that is killed and started again is used again`() async throws {
        try await withRedis(["--appendonly", "yes", "--appendfsync", "always"]) { server in
            try await RedisWorld.with([server.url]) { world in
                await world.news.opened()
                let ear = RecordingChannel()
                world.link.enter { $0.listen(to: Array("channel".utf8), ear) }
                #expect(await ear.next(1) == [.subscribed("channel")])
                #expect(await world.send("SET", "k", "v").success == .status("OK"))
                let life = await world.life()
                server.kill()
                _ = await world.news.lost()
                #expect(await world.send("PING").failure?.isUnreachable == true)
                #expect(await world.servers.probe().isReady == false)
                try await server.restart()
                await world.news.opened()
                #expect(await ear.next(1) == [.subscribed("channel")])
                #expect(await world.send("GET", "k").success == .string([118]))
                #expect(await world.life() != life)
                #expect(await world.servers.probe().isReady)
            }
        }
    }
}

extension Result {
    var success: Success? { try? get() }

    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension RedisFailure {
    var isUnreachable: Bool {
        if case .unreachable = self { true } else { false }
    }
}
