import Engine

/// What a link's users hear of it, on the link's loop.
protocol RedisLinkObserver: AnyObject, Sendable {
    /// The link can be used, for the first time or again. Everything that was listened to is
    /// listened to again, but what was published meanwhile was not heard. `life` is the data set's:
    /// another one than before means that what was acknowledged may be gone.
    func opened(_ link: RedisLink, life: Epoch)
    /// The link can't be used: every command fails until it opens again.
    func closed(_ link: RedisLink)
}

/// What hears the messages of one channel, on the link's loop.
protocol RedisChannelListener: AnyObject, Sendable {
    /// The server has confirmed the subscription: what is published from here on is heard. Called
    /// again whenever the link has opened again.
    func subscribed(to channel: [UInt8])
    func received(_ message: [UInt8], from channel: [UInt8])
}

/// What one event loop says to one Redis server: a connection for commands, pipelined, and one for
/// messages. It connects by itself, and again after every loss.
///
/// Pinned to its loop.
actor RedisLink {
    typealias Reply = @Sendable (Result<RedisValue, RedisFailure>) -> Void

    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    init(loop: any Loop) {
        self.loop = loop
    }

    /// Runs `body` in the link: at once when the caller is on its loop, else by post.
    nonisolated func enter(_ body: @escaping @Sendable (isolated RedisLink) -> Void) {
        if loop.isCurrent {
            assumeIsolated(body)
        } else {
            loop.post { self.assumeIsolated(body) }
        }
    }

    /// The data set's life while the link is open; nil while it isn't.
    private(set) var life: Epoch?

    /// Runs a script. `reply` is called exactly once, on this loop, in the order of the calls among
    /// those that were sent; it must return at once.
    func run(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]], reply: @escaping Reply
    ) {
        reply(.failure(.unreachable("not connected yet")))
    }

    /// Sends a command with its arguments; else like `run`.
    func send(_ command: [[UInt8]], reply: @escaping Reply) {
        reply(.failure(.unreachable("not connected yet")))
    }

    /// Hears what is published to a channel from `subscribed` on, across reconnections, until
    /// `stopListening`. One listener a channel: another one takes its place.
    func listen(to channel: [UInt8], _ listener: any RedisChannelListener) {}

    /// What is under way may still arrive at the server, but the listener hears no more.
    func stopListening(to channel: [UInt8]) {}

    /// Tells `observer` from here on what becomes of the link; at once where it is open. Held weakly.
    func observe(_ observer: any RedisLinkObserver) {}
}
