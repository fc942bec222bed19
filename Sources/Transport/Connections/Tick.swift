import Engine

/// One tick of a reactor: what its cycle runs, and what a benchmark runs in its place, whole or
/// without the kernel.
extension Reactor {
    /// Waits for the kernel or the inbox, does what there is to do, and writes what it produced.
    /// `ready` is room that is used again.
    package func tick(_ ready: inout [Readiness]) {
        eventLoop.turn(into: &ready)
        nowMs = EventLoop.nowMs()
        resumeYielding()
        for readiness in ready { dispatch(readiness) }
        finishTick()
    }

    /// Hands what a peer has sent to its conversation.
    func receive(_ bytes: Span<UInt8>, over connection: Connection) {
        slots[Int(connection.endpoint.slot)].lastReceivedMs = nowMs
        guard case .open = connection.phase else { return }
        beginTurn()
        connection.conversation.receive(bytes, over: connection, on: self)
        countInput(of: connection)
        if connection.isRearmDue { rearm(connection) }
    }

    /// Takes bytes as if a connection's peer had sent them just now.
    package func receive(_ bytes: Span<UInt8>, at endpoint: Endpoint) {
        guard let connection = connection(at: endpoint) else { return }
        receive(bytes, over: connection)
    }

    /// Runs what that caused, and writes what it produced.
    package func finishTick() {
        eventLoop.drain()
        flush()
        settleHeldBytes()
    }
}
