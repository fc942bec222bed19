import Engine

/// The streams of a cluster, on one or several Redis servers.
///
/// Each stream lives on one server, and belongs to one loop of a node, as its room does. Everything
/// here is on its way to the `RedisStreams` and the `RedisClaimant` of the two.
public final class RedisBroker: Broker {
    private let servers: RedisServers
    private let keys: RedisStreamKeys
    /// By server, then by loop, as the links are.
    private let streams: [[RedisStreams]]
    private let claimants: [[RedisClaimant]]

    public init(_ servers: RedisServers, now: @escaping @Sendable () -> Int64) {
        self.servers = servers
        let keys = RedisStreamKeys(prefix: servers.prefix)
        self.keys = keys
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

    public func tops(
        of names: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        if streams.count == 1 {
            return try await tops(of: names, on: 0, keeping: retention)
        }
        var tops: [StreamTop?] = Array(repeating: nil, count: names.count)
        let places = Dictionary(grouping: names.indices) { servers.server(of: names[$0]) }
        for (server, places) in places {
            let found = try await self.tops(
                of: places.map { names[$0] }, on: server, keeping: retention)
            for (place, top) in zip(places, found) { tops[place] = top }
        }
        return tops.compactMap(\.self)
    }

    public func enter(_ member: Member, _ stream: StreamName) {
        claimant(of: stream).enter { $0.claim(member, stream) }
    }

    public func leave(_ user: UserID, _ stream: StreamName) {
        claimant(of: stream).enter { $0.unclaim(user, stream) }
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

    /// Asks over the caller's own loop, where it is on one.
    private func tops(
        of names: [StreamName], on server: Int, keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        let home = streams[server].first { $0.loop.isCurrent } ?? streams[server][0]
        return try await withCheckedContinuation { continuation in
            home.enter {
                $0.tops(of: names, keeping: retention) { continuation.resume(returning: $0) }
            }
        }.get()
    }
}
