import Engine

/// The streams of a cluster, on one or several Redis servers.
///
/// Each stream lives on one server, and belongs to one loop of a node, as its room does. Everything
/// here is on its way to the `RedisStreams` and the `RedisClaimant` of the two.
public final class RedisBroker: Broker {
    private let servers: RedisServers
    private let now: @Sendable () -> Int64
    /// By server, then by loop, as the links are.
    private let streams: [[RedisStreams]]
    private let claimants: [[RedisClaimant]]

    public init(_ servers: RedisServers, now: @escaping @Sendable () -> Int64) {
        self.servers = servers
        let keys = RedisStreamKeys(prefix: servers.prefix)
        self.now = now
        streams = servers.links.map { links in
            links.map { RedisStreams(over: $0, keys: keys, now: now) }
        }
        claimants = servers.links.map { links in
            links.map { RedisClaimant(over: $0, keys: keys, now: now) }
        }
        for streams in streams.joined() { streams.begin() }
        for claimant in claimants.joined() { claimant.begin() }
    }

    /// Ends what this node claims of who is in rooms, and returns when the servers know, or after a
    /// second. Nothing may be asked of the broker any more.
    public func close() async {
        await withTaskGroup(of: Void.self) { group in
            for claimant in claimants.joined() {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        claimant.enter { $0.quit { continuation.resume() } }
                    }
                }
            }
        }
    }

    public func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        let home = streams(of: stream)
        return try await withCheckedContinuation { continuation in
            home.enter {
                $0.attach(listener, to: stream, keeping: retention) {
                    continuation.resume(returning: $0)
                }
            }
        }.get()
    }

    public func detach(_ stream: StreamName) {
        streams(of: stream).enter { $0.detach(stream) }
    }

    public func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        let home = streams(of: stream)
        if home.loop.isCurrent {
            home.onLoop.append(draft, to: stream, keeping: retention, reply)
        } else {
            home.loop.post { home.onLoop.append(draft, to: stream, keeping: retention, reply) }
        }
    }

    public func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        let home = streams(of: stream)
        return try await withCheckedContinuation { continuation in
            home.enter {
                $0.read(stream, after: offset, atMost: limit, keeping: retention) {
                    continuation.resume(returning: $0)
                }
            }
        }.get()
    }

    /// Each as of one moment, asked for where the stream's other calls go, so that it is not older
    /// than they are.
    public func tops(
        of names: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        var groups: [(home: RedisStreams, places: [Int])] = []
        for place in names.indices {
            let home = streams(of: names[place])
            if let group = groups.firstIndex(where: { $0.home === home }) {
                groups[group].places.append(place)
            } else {
                groups.append((home, [place]))
            }
        }
        let answers = await withTaskGroup(
            of: ([Int], Result<[StreamTop], BrokerError>).self
        ) { group in
            for (home, places) in groups {
                let asked = places.map { names[$0] }
                group.addTask { (places, await Self.tops(of: asked, from: home, retention)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var tops: [StreamTop?] = Array(repeating: nil, count: names.count)
        for (places, answer) in answers {
            for (place, top) in zip(places, try answer.get()) { tops[place] = top }
        }
        return tops.compactMap(\.self)
    }

    public func enter(_ member: Member, _ stream: StreamName) {
        let nowMs = now()
        claimant(of: stream).enter { $0.claim(member, stream, atMs: nowMs) }
    }

    public func leave(_ user: UserID, _ stream: StreamName) {
        let nowMs = now()
        claimant(of: stream).enter { $0.unclaim(user, stream, atMs: nowMs) }
    }

    public func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        let home = claimant(of: stream)
        return try await withCheckedContinuation { continuation in
            home.enter { $0.attendance(of: stream) { continuation.resume(returning: $0) } }
        }.get()
    }

    public var losesAnnouncements: Bool { true }

    private func streams(of stream: StreamName) -> RedisStreams {
        let links = streams[servers.server(of: stream)]
        return links[Int(stream.stableHash % UInt64(links.count))]
    }

    private func claimant(of stream: StreamName) -> RedisClaimant {
        let links = claimants[servers.server(of: stream)]
        return links[Int(stream.stableHash % UInt64(links.count))]
    }

    private static func tops(
        of names: [StreamName], from home: RedisStreams, _ retention: Retention
    ) async -> Result<[StreamTop], BrokerError> {
        await withCheckedContinuation { continuation in
            home.enter {
                $0.tops(of: names, keeping: retention) { continuation.resume(returning: $0) }
            }
        }
    }
}
