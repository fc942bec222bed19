import Engine

/// The bound on what all clients together make the process hold: outboxes, collected requests,
/// messages and frames that are not whole.
extension Reactor {
    /// Counts what a connection's outbox holds, after it changed.
    func countOutbox(of connection: Connection) {
        let bytes = UInt32(clamping: connection.outbox.heldBytes)
        guard bytes != connection.outboxBytes else { return }
        heldBytes += Int(bytes) - Int(connection.outboxBytes)
        connection.outboxBytes = bytes
    }

    /// Counts the input that a connection holds, after it changed.
    func countInput(of connection: Connection) {
        guard connection.phase != .closed else { return }
        let bytes = UInt32(clamping: connection.conversation.heldBytes)
        guard bytes != connection.inputBytes else { return }
        heldBytes += Int(bytes) - Int(connection.inputBytes)
        connection.inputBytes = bytes
    }

    /// Counts nothing of a connection any more.
    func forget(_ connection: Connection) {
        heldBytes -= Int(connection.outboxBytes) + Int(connection.inputBytes)
        connection.outboxBytes = 0
        connection.inputBytes = 0
    }

    /// Tells the other loops what has changed, and sends clients away where all of them together
    /// hold too much.
    func settleHeldBytes() {
        if heldBytes != reportedHeldBytes {
            processHeld.add(heldBytes - reportedHeldBytes)
            reportedHeldBytes = heldBytes
        }
        let excess = processHeld.excess(ofLoopHolding: heldBytes)
        if excess > 0 { shed(excess) }
    }

    /// Sends away those who hold most, as many as are needed. Who is on the way out already is
    /// closed at once.
    private func shed(_ excess: Int) {
        let holders = slots.indices.compactMap { slots[$0].connection }
            .filter { $0.heldBytes > 0 }
            .sorted { $0.heldBytes > $1.heldBytes }
        let goal = heldBytes - excess
        for connection in holders {
            guard heldBytes > goal else { return }
            switch connection.phase {
            case .open:
                connection.conversation.relieve(over: connection, on: self)
                countOutbox(of: connection)
                countInput(of: connection)
            case .finishing, .lingering:
                close(connection)
            case .closed:
                break
            }
        }
    }
}

extension Connection {
    /// What the reactor has counted of it.
    fileprivate var heldBytes: Int { Int(outboxBytes) + Int(inputBytes) }
}
