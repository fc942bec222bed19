import Engine

/// One accepted connection, on one loop for life.
final class Connection {
    let endpoint: Endpoint
    /// The peer's address as the kernel saw it.
    let peerHost: String
    /// The socket, which is the connection's own.
    let descriptor: Int32
    /// How a session's frames are put on this connection.
    var framing = Framing.stream
    /// The STOMP version that was agreed on.
    var version = STOMPVersion.v12
    var phase = Phase.open
    var conversation: any Conversation
    var outbox = Outbox()
    /// Ephemeral events that wait until the outbox is empty; nil for nearly everybody.
    var backlog: Backlog?
    /// What the reactor has counted of its outbox and of its unfinished input, in bytes.
    var outboxBytes: UInt32 = 0
    var inputBytes: UInt32 = 0
    var isReadPaused = false
    /// Whether what it has received waits for the loop's next turn.
    var isYielding = false
    /// Whether what it sent last was cut so small that less of it is read at a time (`Turns.swift`).
    var readsLittle = false
    /// Whether the outbox passed the mark above which history waits.
    var isCongested = false
    /// Whether the kernel's buffer was full at the last attempt to write.
    var isWriteBlocked = false
    /// Whether the peer has closed its sending side.
    var hasPeerFinished = false
    /// Whether what was received may have changed when the conversation wants to be woken to an
    /// earlier time. Silence that ends only makes it later, which the wake-up itself finds.
    var isRearmDue = false
    /// What epoll was last told.
    var interest = Interest.read
    /// Where the connection is counted; set once it is.
    var census: Census?

    enum Phase {
        case open
        /// Sends what is left, then closes; nothing more is read as input.
        case finishing
        /// Everything is sent: waits a little for the peer to close, so that a reset does not destroy
        /// what is still on its way to it.
        case lingering
        case closed
    }

    /// Takes over an open descriptor; `Reactor.close` closes it.
    init(
        endpoint: Endpoint, peerHost: String, descriptor: Int32, conversation: any Conversation
    ) {
        self.endpoint = endpoint
        self.peerHost = peerHost
        self.descriptor = descriptor
        self.conversation = conversation
    }

    deinit {
        if phase != .closed { Socket.close(descriptor) }
    }
}

extension Connection {
    /// Whether ephemeral events have to wait: the kernel takes nothing at present.
    var isBehind: Bool { backlog != nil || isWriteBlocked && !outbox.isEmpty }

    /// What a subscription's messages share with others on this connection's kind of wire.
    func form(of subscription: SubscriptionWire) -> Audience.Form {
        Audience.Form(framing: framing, version: version, subscription: subscription)
    }
}
