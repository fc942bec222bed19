import Engine
import TestSupport
import Transport

/// A node's way to Redis: the one of production, over connections that the world looks after.
final class RedisBridge: Bridge {
    let broker: any Broker
    private let servers: RedisServers
    private let server: SimulatedRedis
    private var lines: [RedisLine] = []
    private var isPartitioned = false

    init(
        to server: SimulatedRedis, loops: [ManualLoop], mailbox: Mailbox,
        now: @escaping @Sendable () -> Int64
    ) {
        self.server = server
        let dice = server.timeline.dice
        servers = RedisServers.open(
            RedisSettings(servers: [RedisURL(RedisEndpoint(host: "redis", port: 6_379))]),
            loops: loops, over: SimulatedNetwork(mailbox),
            random: { SeededRandom(seed: dice.next()) })
        broker = RedisBroker(servers, now: now)
    }

    /// Links connect by themselves.
    func begin() {}

    func take(_ parcel: Mailbox.Parcel) {
        guard case .wire(let request) = parcel else {
            preconditionFailure("Redis is asked over wires")
        }
        // What was sent before the end of a connection that is held arrives when it is let go.
        if !isPartitioned { lines.removeAll { !$0.isWanted } }
        switch request {
        case .open(let number, let node):
            let line = RedisLine(number, of: node, to: server)
            line.hold(isPartitioned)
            lines.append(line)
        case .send(let number, let command):
            lines.first { $0.number == number }?.send(command)
        case .close(let number):
            lines.first { $0.number == number }?.close()
        }
    }

    func lose() {
        let open = lines.filter(\.isWanted)
        if !open.isEmpty { server.timeline.dice.pick(open).breakOff() }
    }

    func partition(_ isCutOff: Bool) {
        isPartitioned = isCutOff
        for line in lines { line.hold(isCutOff) }
    }

    /// One connection takes what is written, and nothing comes of it for a while, or ever.
    func silenceOne(forMs durationMs: Int64) {
        let open = lines.filter(\.isWanted)
        guard !open.isEmpty, !isPartitioned else { return }
        let line = server.timeline.dice.pick(open)
        guard server.timeline.dice.oneIn(2) else { return line.die() }
        line.hold(true)
        server.timeline.after(durationMs) { line.hold(false) }
    }

    func hangUp() {
        for line in lines { line.close() }
        Task { [servers] in await servers.close() }
    }

    /// Nothing waits once the links are shut down.
    func release() {}

    /// See those of the server.
    var leftovers: [String] { [] }
}
