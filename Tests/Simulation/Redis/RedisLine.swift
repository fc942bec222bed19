import Engine
import Transport

/// A connection between a link and the server: commands one way, answers and messages the other,
/// each in their order. What a link has sent before it closes its end still arrives, however late.
final class RedisLine {
    /// Where events come out.
    struct Node: Sendable {
        let loop: any Loop
        let receive: @Sendable ([RedisWireEvent]) -> Void
    }

    let number: Int
    /// What this connection is subscribed to, in the order in which it asked.
    var channels: [[UInt8]] = []
    private let server: SimulatedRedis
    private let node: Node
    private let requests: Link
    private let replies: Link
    /// Whether the node still wants to hear of it.
    private(set) var isWanted = true
    /// Whether the server knows the connection.
    var isAccepted = false

    init(_ number: Int, of node: Node, to server: SimulatedRedis) {
        self.number = number
        self.node = node
        self.server = server
        requests = Link(server.timeline, latencyMs: server.weather.hubLatencyMs)
        replies = Link(server.timeline, latencyMs: server.weather.hubLatencyMs)
        requests.send { [self] in server.accept(self) }
    }

    // MARK: The node's end

    func send(_ command: [[UInt8]]) {
        guard isWanted else { return }
        requests.send { [self] in server.take(command, from: self) }
    }

    /// Closes the connection. Nothing comes any more.
    func close() {
        guard isWanted else { return }
        isWanted = false
        replies.cut()
        requests.send { [self] in server.drop(self) }
    }

    /// The connection breaks: the node hears of it at once, the server later, and what was on its way
    /// there may be lost.
    func breakOff() {
        guard isWanted else { return }
        if server.timeline.dice.oneIn(2) { requests.cut() }
        arrive(.closed("the connection broke"))
        replies.cut()
        requests.send { [self] in server.drop(self) }
    }

    /// Stops everything, both ways, or lets it go on.
    func hold(_ isHeld: Bool) {
        requests.hold(isHeld)
        replies.hold(isHeld)
    }

    /// The connection is dead for good, and nobody is told: the server has given it up, the node may
    /// still write.
    func die() {
        requests.cut()
        replies.cut()
        server.drop(self)
    }

    // MARK: The server's end

    func deliver(_ event: RedisWireEvent) {
        replies.send { [self] in arrive(event) }
    }

    /// The server closes the connection, or is gone: what it has not read yet is lost, and what it has
    /// written may be.
    func end(_ reason: String) {
        isAccepted = false
        channels = []
        requests.cut()
        if server.timeline.dice.oneIn(2) { replies.cut() }
        deliver(.closed(reason))
    }

    private func arrive(_ event: RedisWireEvent) {
        guard isWanted else { return }
        if case .closed = event { isWanted = false }
        node.loop.post { [node] in node.receive([event]) }
    }
}
