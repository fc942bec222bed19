import Engine
import Synchronization

/// The event loops of a process, their threads, and the sockets they listen on.
public final class Server: Sendable {
    public let reactors: [Reactor]
    private let threads: [LoopThread]

    /// Starts `loopCount` event loops.
    public init(loopCount: Int, limits: ConnectionLimits) throws(SystemError) {
        precondition(loopCount > 0, "a server needs a loop")
        var reactors: [Reactor] = []
        var threads: [LoopThread] = []
        let held = HeldBytes(bytesMax: limits.outboxTotalBytesMax, loopCount: loopCount)
        let allConnections = ConnectionTotal()
        for index in 0..<loopCount {
            let loop = try EventLoop()
            let reactor = Reactor(
                index: index, of: loopCount, eventLoop: loop, limits: limits, processHeld: held,
                allConnections: allConnections)
            // The cycle is the loop's first job, and the only one until it is closed.
            Task { await reactor.run() }
            reactors.append(reactor)
            threads.append(try LoopThread(running: loop, name: "loop-\(index)"))
        }
        self.reactors = reactors
        self.threads = threads
    }

    /// Listens on an address and deals what is accepted to all loops. Returns the address, which
    /// says the port where 0 was asked for.
    public func listen(
        on address: SocketAddress, for service: Service
    ) async throws(SystemError) -> SocketAddress {
        let socket = try Socket.listen(on: address)
        let bound = socket.localAddress ?? address
        try await reactors[0].listen(on: socket, for: service, dealingTo: reactors)
        return bound
    }

    /// Lets every session of the users concerned, and everybody who is just signing in as one of
    /// them, ask anew who they are and what they may.
    public func authorityChanged(_ change: ChangedAuthority) {
        for reactor in reactors {
            reactor.eventLoop.post { reactor.assumeIsolated { $0.authorityChanged(change) } }
        }
    }

    /// Closes a user's connections as if the node went away: they may come back.
    public func disconnect(_ user: UserID) {
        for reactor in reactors {
            reactor.eventLoop.post { reactor.assumeIsolated { $0.disconnect(user) } }
        }
    }

    /// Stops accepting, lets every connection finish what is under way, and closes it after telling
    /// it when to come back; whoever is not done in time is told so, too, and cut off. Returns when
    /// no connection is left, which is so within `withinMs` milliseconds. The loops go on turning, for
    /// what else lives on them, until `end`.
    public func drain(withinMs: Int64) async {
        await withCheckedContinuation { continuation in
            let left = Mutex(reactors.count)
            stop(withinMs: withinMs) { _ in
                let isLast = left.withLock { left in
                    left -= 1
                    return left == 0
                }
                if isLast { continuation.resume() }
            }
        }
    }

    /// Ends the loops once they have done what was asked of them before, and returns when all have
    /// ended. Blocks its thread.
    public func end() {
        for reactor in reactors { reactor.eventLoop.close() }
        for thread in threads { thread.join() }
    }

    /// Drains and ends all loops, each as soon as it is done. Blocks its thread.
    public func stop(withinMs: Int64) {
        stop(withinMs: withinMs) { $0.close() }
        for thread in threads { thread.join() }
    }

    private func stop(withinMs: Int64, then done: @escaping @Sendable (EventLoop) -> Void) {
        for reactor in reactors {
            let loop = reactor.eventLoop
            loop.post { reactor.assumeIsolated { $0.stop(withinMs: withinMs) { done(loop) } } }
        }
    }
}
