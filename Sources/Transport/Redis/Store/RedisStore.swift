import Engine
import Synchronization

/// The community's data in Redis, on the first of its servers. Expired leases are absent by the
/// node's clock.
///
/// A commit that Redis has answered is as durable as the server is told to make it
/// (`appendfsync`, `--redis-wait`); what a server forgets with its data set is gone.
public final class RedisStore: Store {
    private let links: [RedisLink]
    private let keys: RedisStoreKeys
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64
    /// Counts what came from no loop, so that all loops get their share of it.
    private let turns = Atomic<UInt>(0)

    public init(_ servers: RedisServers, now: @escaping @Sendable () -> Int64) {
        links = servers.links[0]
        keys = RedisStoreKeys(prefix: servers.prefix)
        self.now = now
    }

    public func records(_ keys: [RecordKey]) async throws(StoreError) -> [Record?] {
        guard !keys.isEmpty else { return [] }
        let nowMs = now()
        let reply = try await send([Self.mget] + keys.map(self.keys.record))
        guard let values = reply.elements, values.count == keys.count else {
            throw .unexpected
        }
        var records: [Record?] = []
        records.reserveCapacity(keys.count)
        for (key, value) in zip(keys, values) {
            // A value of another type than a text comes as null, too.
            guard let bytes = value.bytes else {
                records.append(nil)
                continue
            }
            guard let record = RedisRecord.record(in: bytes) else {
                throw .unavailable("the record \(key) in Redis was written by somebody else")
            }
            records.append(record.isAlive(atMs: nowMs) ? record : nil)
        }
        return records
    }

    public func commit(_ changes: [Change]) async throws(StoreError) {
        guard !changes.isEmpty else { return }
        let call = RedisCommit.call(changes, keys: keys, nowMs: now())
        let reply = try await ask { link, reply in
            link.run(RedisCommit.script, keys: call.keys, arguments: call.arguments, reply: reply)
        }
        guard let number = reply.integer, (0...changes.count).contains(Int(number)) else {
            throw .unexpected
        }
        guard number > 0 else { return }
        switch changes[Int(number) - 1] {
        case .put(let key, _, _, _), .remove(let key, _): throw .conflict(key)
        case .insert, .delete, .add: throw .unexpected
        }
    }

    public func entries(
        of index: String, in range: IndexRange, descending: Bool, skip: Int, limit: Int
    ) async throws(StoreError) -> [IndexEntry] {
        guard limit > 0 else { return [] }
        let (lowest, end) = (RedisIndexMember.lowest(range), RedisIndexMember.end(range))
        let reply = try await send([
            Array((descending ? "ZREVRANGEBYLEX" : "ZRANGEBYLEX").utf8), keys.index(index),
            descending ? end : lowest, descending ? lowest : end,
            Array("LIMIT".utf8), Array(String(max(skip, 0)).utf8), Array(String(limit).utf8),
        ])
        guard let members = reply.elements else { throw .unexpected }
        var entries: [IndexEntry] = []
        entries.reserveCapacity(members.count)
        for member in members {
            guard let entry = member.bytes.flatMap(RedisIndexMember.entry(in:)) else {
                throw .unavailable("the index \(index) in Redis was written by somebody else")
            }
            entries.append(entry)
        }
        return entries
    }

    public func count(of index: String, in range: IndexRange) async throws(StoreError) -> Int {
        let reply = try await send([
            Array("ZLEXCOUNT".utf8), keys.index(index), RedisIndexMember.lowest(range),
            RedisIndexMember.end(range),
        ])
        guard let count = reply.integer else { throw .unexpected }
        return Int(count)
    }

    public func values(of counters: [String]) async throws(StoreError) -> [Int64] {
        guard !counters.isEmpty else { return [] }
        let reply = try await send([Self.mget] + counters.map(keys.counter))
        guard let replies = reply.elements, replies.count == counters.count else {
            throw .unexpected
        }
        var values: [Int64] = []
        values.reserveCapacity(counters.count)
        for reply in replies {
            guard reply != .null else {
                values.append(0)
                continue
            }
            guard let value = reply.text.flatMap({ Int64($0) }) else { throw .unexpected }
            values.append(value)
        }
        return values
    }

    public func advance(_ counter: String, by amount: Int64) async throws(StoreError) -> Int64 {
        let command = [
            Array("INCRBY".utf8), keys.counter(counter), Array(String(amount).utf8),
        ]
        let reply = try await ask { link, reply in
            link.send(command, isWrite: true, reply: reply)
        }
        guard let value = reply.integer else { throw .unexpected }
        return value
    }

    private static let mget = Array("MGET".utf8)

    private func send(_ command: [[UInt8]]) async throws(StoreError) -> RedisValue {
        try await ask { link, reply in link.send(command, reply: reply) }
    }

    private func ask(
        _ question: @escaping @Sendable (isolated RedisLink, @escaping RedisLink.Reply) -> Void
    ) async throws(StoreError) -> RedisValue {
        let link = nextLink()
        let result: Result<RedisValue, RedisFailure> = await withCheckedContinuation { asking in
            link.enter { link in question(link) { asking.resume(returning: $0) } }
        }
        return try result.mapError(StoreError.init).get()
    }

    /// The link of the caller's loop, or of any in turn.
    private func nextLink() -> RedisLink {
        if let here = links.first(where: { $0.loop.isCurrent }) { return here }
        let turn = turns.wrappingAdd(1, ordering: .relaxed).oldValue
        return links[Int(turn % UInt(links.count))]
    }
}

extension StoreError {
    /// Whatever was under way may have happened or not.
    init(_ failure: RedisFailure) {
        switch failure {
        case .unreachable(let reason): self = .unavailable("Redis can't be reached: \(reason)")
        case .overloaded: self = .unavailable("too much waits for Redis")
        case .refused(let words): self = .unavailable("Redis refuses: \(words)")
        }
    }

    fileprivate static var unexpected: StoreError {
        .unavailable("Redis answered with something else than what was asked for")
    }
}
