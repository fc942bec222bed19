import Engine

/// What is spoken over a connection: HTTP first, then perhaps WebSocket, with STOMP inside.
///
/// Confined to the connection's loop. It never holds exclusive access to its own state across a call
/// into a session or the reactor, since those call back.
protocol Conversation: AnyObject {
    /// Takes bytes the peer sent. Not called while reading is paused.
    func receive(_ bytes: Span<UInt8>, over connection: Connection, on reactor: isolated Reactor)

    /// The peer has closed its sending side.
    func receiveEnd(over connection: Connection, on reactor: isolated Reactor)

    /// A session of this conversation has something to say.
    func tell(_ event: SessionEvent, over connection: Connection, on reactor: isolated Reactor)

    /// The outbox was congested and is nearly empty again.
    func drained(over connection: Connection, on reactor: isolated Reactor)

    /// The outbox is over its bound: the peer reads too slowly.
    func overflowed(over connection: Connection, on reactor: isolated Reactor)

    /// The process holds too much for its clients, and for this one most of it: ends the connection
    /// so that little of that is left.
    func relieve(over connection: Connection, on reactor: isolated Reactor)

    /// Bytes of input that are not whole or wait for their turn.
    var heldBytes: Int { get }

    /// The time the conversation asked for has come; answers when to be woken next
    /// (milliseconds of the monotonic clock; `Int64.max`: never).
    func wake(over connection: Connection, on reactor: isolated Reactor) -> Int64

    /// The authority of the user whose session this carries may have changed.
    func verifyAnew(over connection: Connection, on reactor: isolated Reactor)

    /// The server is about to stop, or lost what the client came for: takes nothing new, and says so
    /// and finishes the connection as soon as what is under way is done. `reconnectAfterMs` is when
    /// the client may come back.
    func goAway(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor)

    /// The server stops now: says so, and finishes the connection whatever is under way.
    func cutOff(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor)

    /// The connection is gone: release everything.
    func closed(on reactor: isolated Reactor)
}

extension Conversation {
    func tell(_ event: SessionEvent, over connection: Connection, on reactor: isolated Reactor) {
        preconditionFailure("only a conversation with a session is told its events")
    }

    func drained(over connection: Connection, on reactor: isolated Reactor) {}

    func verifyAnew(over connection: Connection, on reactor: isolated Reactor) {}

    func relieve(over connection: Connection, on reactor: isolated Reactor) {
        overflowed(over: connection, on: reactor)
    }
}
