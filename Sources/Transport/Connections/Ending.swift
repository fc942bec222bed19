import Engine
import Synchronization

/// How a reactor ends: gently, until its time is up.
extension Reactor {
    /// Stops accepting, lets every connection finish what is under way and then tells it when to
    /// come back. Calls `done` once, on the loop, after the last one of all loops; after `withinMs`
    /// milliseconds whoever is left, or a moment later where something promised is still being
    /// stored. The loop goes on turning until it is closed.
    func stop(withinMs: Int64, then done: @escaping @Sendable () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        whenDone = done
        for acceptor in acceptors {
            eventLoop.unwatch(acceptor.socket.descriptor)
            acceptor.socket.close()
        }
        let spread = ReconnectSpread(connectionCount: connectionCount * loopCount)
        for slot in slots.indices {
            guard let connection = slots[slot].connection, case .open = connection.phase else {
                continue
            }
            connection.conversation.goAway(
                reconnectAfterMs: spread.delayMs(), over: connection, on: self)
        }
        reportIfDone()
        // The last of the time is for those who are cut off to read why.
        let partingMs = min(withinMs / 4, Self.partingMsMax)
        eventLoop.schedule(afterMs: withinMs - partingMs) { [weak self] in
            self?.assumeIsolated { $0.cutOff(spread) }
        }
        eventLoop.schedule(afterMs: withinMs) { [weak self] in
            self?.assumeIsolated { $0.closeAll() }
        }
    }

    /// Says that a stopping loop is done once nothing is left to be done on it, nor, before the time
    /// is up, for connections of other loops: their requests and publishes may be for rooms of this
    /// one. Each sweep looks whether those are gone.
    func reportIfDone() {
        guard isStopping, connectionCount == 0, holdCount == 0 else { return }
        if isTimeUp || allConnections.count == 0 { reportDone() }
    }

    private func reportDone() {
        whenDone.take()?()
    }

    /// How long those who are cut off have to read why, in milliseconds.
    private static let partingMsMax: Int64 = 500
    /// How long what the last sessions have promised may take, in milliseconds.
    private static let holdMsMax: Int64 = 1_000

    /// Tells whoever is not done that the time is up.
    private func cutOff(_ spread: ReconnectSpread) {
        for slot in slots.indices {
            guard let connection = slots[slot].connection, case .open = connection.phase else {
                continue
            }
            connection.conversation.cutOff(
                reconnectAfterMs: spread.delayMs(), over: connection, on: self)
        }
    }

    private func closeAll() {
        // What was said in this very tick, where there was no time to part.
        flush()
        isTimeUp = true
        for slot in slots.indices {
            if let connection = slots[slot].connection { close(connection) }
        }
        reportIfDone()
        eventLoop.schedule(afterMs: Self.holdMsMax) { [weak self] in
            self?.assumeIsolated { $0.reportDone() }
        }
    }
}

/// How many connections the loops of a server have together.
final class ConnectionTotal: Sendable {
    private let total = Atomic<Int>(0)

    /// Of all loops.
    var count: Int { total.load(ordering: .acquiring) }

    /// Counts those that a loop has gained, or lost.
    func add(_ change: Int) {
        total.add(change, ordering: .releasing)
    }
}

/// When the clients of a server that goes away may come back: each at a time of its own, so that
/// whoever takes them over meets about `perSecond` of them a second.
struct ReconnectSpread: Sendable {
    private let spanMs: Int64

    /// The first come after this.
    private static let firstMs: Int64 = 500
    private static let perSecond: Int64 = 1_000
    /// Few are spread over no less, many over no more.
    private static let spanMsMin: Int64 = 2_000
    private static let spanMsMax: Int64 = 60_000

    /// For so many clients.
    init(connectionCount: Int) {
        let fairMs = Int64(connectionCount) * 1_000 / Self.perSecond
        spanMs = min(max(fairMs, Self.spanMsMin), Self.spanMsMax)
    }

    /// The delay of one client, in milliseconds.
    func delayMs() -> Int64 {
        var generator = SystemRandomNumberGenerator()
        return delayMs(using: &generator)
    }

    func delayMs(using generator: inout some RandomNumberGenerator) -> Int64 {
        Self.firstMs + Int64.random(in: 0...spanMs, using: &generator)
    }
}
