import Engine
import Synchronization

/// The links of this process to all of its Redis servers: one for each server and loop.
///
/// Streams are shared among the servers by consistent hashing of their names, and pinned to loops as
/// rooms are. Everything that isn't a stream lives on the first server.
public final class RedisServers: Sendable {
    /// What every key and channel begins with.
    let prefix: String
    /// By server, then by loop.
    let links: [[RedisLink]]
    private let ring: RedisRing
    private let watch: RedisWatch

    private init(
        _ settings: RedisSettings, loops: [any Loop], over network: any RedisNetwork,
        random: () -> any RandomNumberGenerator & Sendable,
        _ observe: @escaping @Sendable (RedisNews) -> Void
    ) {
        prefix = settings.prefix
        ring = RedisRing(settings.servers.map(\.identity))
        watch = RedisWatch(
            settings.servers.map(\.description), linkCount: loops.count, observe)
        links = settings.servers.map { server in
            loops.map { loop in
                RedisLink(
                    to: server, on: loop, over: network, prefix: settings.prefix,
                    confirmingReplicaCount: settings.confirmingReplicaCount, random: random())
            }
        }
    }

    /// Begins to connect every loop to every server, and returns at once; see `probe` and `opened`.
    /// `observe` hears what becomes of the servers, on any thread.
    public static func open(
        _ settings: RedisSettings, loops: [EventLoop],
        observe: @escaping @Sendable (RedisNews) -> Void = { _ in }
    ) -> RedisServers {
        open(settings, loops: loops, over: Hiredis(), observe: observe)
    }

    /// The same over another network, with a source of randomness for each link.
    package static func open(
        _ settings: RedisSettings, loops: [any Loop], over network: any RedisNetwork,
        random: () -> any RandomNumberGenerator & Sendable = { SystemRandomNumberGenerator() },
        observe: @escaping @Sendable (RedisNews) -> Void = { _ in }
    ) -> RedisServers {
        let servers = RedisServers(
            settings, loops: loops, over: network, random: random, observe)
        for link in servers.links.joined() {
            link.enter { [watch = servers.watch] link in
                link.observe(watch)
                link.begin()
            }
        }
        return servers
    }

    /// Which server a stream lives on.
    func server(of stream: StreamName) -> Int {
        links.count == 1 ? 0 : ring.server(of: stream.stableHash)
    }

    /// A link to the first server, on the caller's loop if it is on one.
    var home: RedisLink {
        links[0].first { $0.loop.isCurrent } ?? links[0][0]
    }

    // MARK: Health

    /// Whether every server answers on every link, within a second.
    public func probe() async -> RedisHealth {
        await withCheckedContinuation { continuation in
            let answers = RedisAnswers(count: links.count * links[0].count) {
                continuation.resume(returning: RedisHealth(failures: $0))
            }
            for link in links.joined() {
                let answer = answers.one(of: link.server.description)
                link.enter { link in
                    link.loop.schedule(afterMs: Self.probeMs) { answer("no answer in time") }
                    link.send([Array("PING".utf8)]) { result in
                        switch result {
                        case .success: answer(nil)
                        case .failure(.unreachable(let reason)), .failure(.refused(let reason)):
                            answer(reason)
                        case .failure(.overloaded): answer("too much waits for replies")
                        }
                    }
                }
            }
        }
    }

    /// Waits until every link is open, at most so long; what is missing then.
    public func opened(withinMs waitMs: Int64) async -> RedisHealth {
        await withCheckedContinuation { continuation in
            let answers = RedisAnswers(count: 1) { [watch] _ in
                continuation.resume(returning: watch.health)
            }
            let answer = answers.one(of: "")
            watch.whenAllOpen { answer(nil) }
            links[0][0].loop.schedule(afterMs: waitMs) { answer(nil) }
        }
    }

    /// Closes every link and returns when that is done. Must be called before the loops end; what
    /// waits for a reply fails.
    public func close() async {
        watch.end()
        for link in links.joined() {
            await withCheckedContinuation { continuation in
                link.enter { link in
                    link.shutDown()
                    continuation.resume()
                }
            }
        }
    }

    private static let probeMs: Int64 = 900
}

/// Gathers what several links say, the first word of each.
private final class RedisAnswers: Sendable {
    private struct State {
        var openCount: Int
        var failures: Set<String> = []
    }

    private let state: Mutex<State>
    private let done: @Sendable ([String]) -> Void

    /// Calls `done` with what is wrong once so many have answered.
    init(count: Int, _ done: @escaping @Sendable ([String]) -> Void) {
        state = Mutex(State(openCount: count))
        self.done = done
    }

    /// What one of them is to call: with nil, or with what is wrong.
    func one(of name: String) -> @Sendable (String?) -> Void {
        let hasAnswered = Atomic(false)
        return { failure in
            guard !hasAnswered.exchange(true, ordering: .relaxed) else { return }
            let failures = self.state.withLock { state in
                state.openCount -= 1
                if let failure { state.failures.insert("\(name): \(failure)") }
                return state.openCount == 0 ? state.failures : nil
            }
            if let failures { self.done(failures.sorted()) }
        }
    }
}
