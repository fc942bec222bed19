import Engine

/// What reaches a client's session from outside: that its user's authority may have changed, and
/// that the server goes away.
extension STOMPConversation {
    func verifyAnew(over connection: Connection, on reactor: isolated Reactor) {
        session?.assumeIsolated { $0.verifyAnew() }
    }

    func goAway(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        guard let session else {
            return cutOff(reconnectAfterMs: reconnectAfterMs, over: connection, on: reactor)
        }
        session.assumeIsolated { $0.goAway(reconnectAfterMs: reconnectAfterMs) }
        guard case .open = connection.phase else { return }
        reactor.setReading(false, of: connection)
    }

    func cutOff(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        guard case .open = connection.phase else { return }
        fail(.goingAway(reconnectAfterMs: reconnectAfterMs), connection, reactor)
    }
}
