import Engine

/// What a link's users hear of it, on the link's loop.
protocol RedisLinkObserver: AnyObject, Sendable {
    /// The link can be used, for the first time or again. Everything that was listened to is
    /// listened to again, but what was published meanwhile was not heard. `life` is the data set's:
    /// another one than before means that what was acknowledged may be gone.
    func opened(_ link: RedisLink, life: Epoch)
    /// The link can't be used, for `link.reason`: every command fails until it opens again. Those
    /// that wait fail right after this. Said after every attempt to open it that failed, too.
    func closed(_ link: RedisLink)
}

/// What hears the messages of one channel, on the link's loop.
protocol RedisChannelListener: AnyObject, Sendable {
    /// The server has confirmed the subscription: what is published from here on is heard. Called
    /// again whenever the link has opened again, after the observers heard of that.
    func subscribed(to channel: [UInt8])
    func received(_ message: [UInt8], from channel: [UInt8])
}

/// What one event loop says to one Redis server: a connection for commands, pipelined, and one for
/// messages. It connects by itself, and again after every loss.
///
/// Pinned to its loop.
actor RedisLink {
    /// Errors come as failures. `.refused` where the server said so, `.unreachable` where the link
    /// was closed before the reply, or the replicas didn't confirm in time: then it may have been
    /// performed or not.
    typealias Reply = @Sendable (Result<RedisValue, RedisFailure>) -> Void

    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    nonisolated let server: RedisURL

    let network: any RedisNetwork
    let confirmingReplicaCount: Int
    let lifeKey: [UInt8]
    /// The channel that this link alone publishes to and hears.
    let probeChannel: [UInt8]
    var random: any RandomNumberGenerator & Sendable

    var state = RedisLinkState()
    var subscriptions = RedisSubscriptions<any RedisChannelListener>()
    var calls: RedisCalls
    private var observers: [Observer] = []
    /// The connections of the attempt with this number; what others report comes too late.
    var attempt: UInt64 = 0
    var commands: (any RedisWire)?
    var messages: (any RedisWire)?
    var greeting: RedisGreeting?
    /// Scripts that were sent over this connection.
    var knownScripts: Set<[UInt8]> = []
    /// Which of the sentinels is asked first.
    var sentinelIndex = 0
    /// Whether the next answer of a sentinel is that to our password.
    var isSigningInToSentinel = false
    /// Whether the next answer over the connection for messages is that to our password.
    var isSigningInToListen = false
    private var isEndOfTurnDue = false
    private var timerDueMs = Int64.max

    private struct Observer {
        weak var observer: (any RedisLinkObserver)?
    }

    /// A link that doesn't connect before `begin`. Every key and channel of its own begins with
    /// `prefix`; `callCountMax` and `callBytesMax` bound what waits for replies.
    init(
        to server: RedisURL, on loop: any Loop, over network: any RedisNetwork, prefix: String,
        confirmingReplicaCount: Int = 0,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        calls: RedisCalls = RedisCalls()
    ) {
        self.server = server
        self.loop = loop
        self.network = network
        self.confirmingReplicaCount = confirmingReplicaCount
        self.random = random
        self.calls = calls
        lifeKey = Array("\(prefix)life".utf8)
        probeChannel = Array("\(prefix)probe:".utf8) + Self.name(using: &self.random)
        _ = subscriptions.want(probeChannel, NobodyListens())
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
    var life: Epoch? { state.life }

    /// A name that nobody else has, for what the server is to know apart.
    func freshName() -> [UInt8] { Self.name(using: &random) }

    private static func name(using random: inout some RandomNumberGenerator) -> [UInt8] {
        Array(String(UInt64.random(in: 0 ... .max, using: &random), radix: 16).utf8)
    }

    /// Why the link isn't open, where it isn't.
    var reason: String { state.reason }

    // MARK: Commands

    /// Runs a script. `reply` is called exactly once, on this loop, in the order of the calls among
    /// those that were sent; it must return at once. Where the link is closed or too much waits, that
    /// is within this call.
    ///
    /// Two things disturb the order. A script that the server has forgotten (`SCRIPT FLUSH`) is sent
    /// once more, behind everything that was sent meanwhile. And where replicas are to confirm
    /// writes, those are answered later than what only reads.
    func run(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]], reply: @escaping Reply
    ) {
        send(
            RedisCall(
                content: .script(script, keys: keys, arguments: arguments),
                isWrite: script.isWrite, reply: reply))
    }

    /// Sends a command with its arguments; else like `run`. Not for what subscribes, blocks or
    /// changes the connection.
    func send(_ command: [[UInt8]], isWrite: Bool = false, reply: @escaping Reply) {
        send(RedisCall(content: .command(command), isWrite: isWrite, reply: reply))
    }

    private func send(_ call: RedisCall) {
        guard state.life != nil, let commands else {
            return call.reply(.failure(.unreachable(state.reason)))
        }
        guard calls.admits(call) else { return call.reply(.failure(.overloaded)) }
        calls.sent(call)
        commands.send(encoded(call))
        if call.isWrite, confirmingReplicaCount > 0 { endTurnLater() }
    }

    // MARK: Channels

    /// Hears what is published to a channel from `subscribed` on, across reconnections, until
    /// `stopListening`. One listener a channel: another one takes its place.
    func listen(to channel: [UInt8], _ listener: any RedisChannelListener) {
        take(subscriptions.want(channel, listener), for: channel)
    }

    /// What is under way may still arrive at the server, but the listener hears no more.
    func stopListening(to channel: [UInt8]) {
        take(subscriptions.drop(channel), for: channel)
    }

    /// Tells `observer` from here on what becomes of the link; at once where it is open. Held weakly.
    func observe(_ observer: any RedisLinkObserver) {
        observers.removeAll { $0.observer == nil }
        observers.append(Observer(observer: observer))
        if let life = state.life { observer.opened(self, life: life) }
    }

    func take(
        _ action: RedisSubscriptions<any RedisChannelListener>.Action, for channel: [UInt8]
    ) {
        switch action {
        case .none:
            break
        case .subscribe:
            endTurnLater()
        case .unsubscribe:
            messages?.send(RedisCommands.unsubscribe(from: channel))
        case .subscribed:
            // While the link opens, everybody is told when it has.
            if state.life != nil { subscriptions.listener(of: channel)?.subscribed(to: channel) }
        }
    }

    // MARK: The link itself

    /// Begins to connect.
    func begin() {
        act(state.begin(nowMs: loop.nowMs))
    }

    /// Closes the link for good: whatever waits fails.
    func shutDown() {
        act(state.shutDown())
        subscriptions = RedisSubscriptions()
        observers = []
    }

    /// Something has happened that the link can't go on after.
    func fail(_ reason: String) {
        act(state.failed(reason, nowMs: loop.nowMs, using: &random))
    }

    func act(_ actions: [RedisLinkState.Action]) {
        for action in actions {
            switch action {
            case .connect: connect()
            case .open(let life): open(life)
            case .probe(let number): probe(number)
            case .close(let reason): close(reason)
            }
        }
        armTimer()
    }

    private func open(_ life: Epoch) {
        for entry in observers { entry.observer?.opened(self, life: life) }
        for channel in subscriptions.confirmed {
            subscriptions.listener(of: channel)?.subscribed(to: channel)
        }
    }

    private func close(_ reason: String) {
        attempt += 1
        // The next attempt asks another sentinel, in case this one is silent or wrong.
        sentinelIndex += 1
        commands?.close()
        messages?.close()
        commands = nil
        messages = nil
        greeting = nil
        knownScripts = []
        subscriptions.disconnected()
        let unanswered = calls.removeAll()
        for entry in observers { entry.observer?.closed(self) }
        for call in unanswered { call.reply(.failure(.unreachable(reason))) }
    }

    private func armTimer() {
        guard let dueMs = state.nextDueMs, dueMs < timerDueMs else { return }
        timerDueMs = dueMs
        loop.schedule(afterMs: dueMs - loop.nowMs) { [weak self] in
            self?.assumeIsolated { $0.timerFired(dueMs) }
        }
    }

    private func timerFired(_ dueMs: Int64) {
        if timerDueMs == dueMs { timerDueMs = .max }
        act(state.tick(nowMs: loop.nowMs, using: &random))
    }

    // MARK: The end of the turn

    /// Does once at the end of the turn what many calls in it may ask for.
    func endTurnLater() {
        guard !isEndOfTurnDue else { return }
        isEndOfTurnDue = true
        loop.post { [weak self] in self?.assumeIsolated { $0.endTurn() } }
    }

    private func endTurn() {
        isEndOfTurnDue = false
        subscribeNext()
        confirmWrites()
    }
}

/// Stands for the link itself, which takes its probes out of what is heard.
private final class NobodyListens: RedisChannelListener {
    func subscribed(to channel: [UInt8]) {}
    func received(_ message: [UInt8], from channel: [UInt8]) {}
}
