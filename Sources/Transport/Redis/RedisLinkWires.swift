import Engine

/// What a link says over its connections, and what it makes of the answers.
extension RedisLink {
    enum Role: Sendable {
        case commands
        case messages
    }

    // MARK: Connecting

    func connect() {
        attempt += 1
        switch server.place {
        case .server(let endpoint): connect(to: endpoint)
        case .sentinels(let sentinels, let name):
            ask(sentinels, for: name, remaining: sentinels.count)
        }
    }

    private func connect(to endpoint: RedisEndpoint) {
        commands = openWire(to: endpoint, .commands)
        messages = openWire(to: endpoint, .messages)
    }

    private func openWire(to endpoint: RedisEndpoint, _ role: Role) -> any RedisWire {
        openWire(to: endpoint) { link, event in link.take(event, over: role) }
    }

    /// A connection of this attempt, whose events end with the attempt.
    private func openWire(
        to endpoint: RedisEndpoint,
        _ take: @escaping @Sendable (isolated RedisLink, RedisWireEvent) -> Void
    ) -> any RedisWire {
        network.open(to: endpoint, on: loop) { [weak self, attempt] events in
            self?.assumeIsolated { link in
                for event in events where link.attempt == attempt { take(link, event) }
            }
        }
    }

    /// Asks one sentinel after the other, until one knows the primary. The connection to a sentinel
    /// takes the place of the one for commands meanwhile. Who we are is told first where we have a
    /// password; a sentinel that wants none refuses that, and answers all the same.
    private func ask(_ sentinels: [RedisEndpoint], for name: String, remaining: Int) {
        let sentinel = sentinels[sentinelIndex % sentinels.count]
        isSigningInToSentinel = server.authentication != nil
        let wire = openWire(to: sentinel) { link, event in
            switch event {
            case .opened:
                break
            case .received where link.isSigningInToSentinel:
                link.isSigningInToSentinel = false
            case .received(.error(let words)):
                link.commands?.close()
                link.askNext(
                    sentinels, for: name, remaining: remaining,
                    after: "sentinel \(sentinel): \(words)")
            case .received(let value):
                link.commands?.close()
                if let endpoint = RedisEndpoint(value) { return link.connect(to: endpoint) }
                link.askNext(
                    sentinels, for: name, remaining: remaining,
                    after: "sentinel \(sentinel) knows no primary '\(name)'")
            case .closed(let reason):
                link.askNext(
                    sentinels, for: name, remaining: remaining,
                    after: "sentinel \(sentinel): \(reason)")
            }
        }
        commands = wire
        if let command = server.authentication { wire.send(command) }
        wire.send(RedisCommands.primary(named: name))
    }

    private func askNext(
        _ sentinels: [RedisEndpoint], for name: String, remaining: Int, after reason: String
    ) {
        guard remaining > 1 else { return fail(reason) }
        sentinelIndex += 1
        ask(sentinels, for: name, remaining: remaining - 1)
    }

    private func take(_ event: RedisWireEvent, over role: Role) {
        switch (event, role) {
        case (.opened, .commands): greet()
        case (.opened, .messages): beginSubscribing()
        case (.received(let value), .commands): answered(value)
        case (.received(let value), .messages): pushed(value)
        case (.closed(let reason), _): fail(reason)
        }
    }

    // MARK: The connection for commands

    private func greet() {
        let greeting = RedisGreeting(
            to: server, lifeKey: lifeKey,
            freshLife: Epoch(rawValue: UInt64.random(in: 1...UInt64(Int64.max), using: &random)))
        for command in greeting.commands { sendGreeting(command) }
        self.greeting = greeting
    }

    private func sendGreeting(_ command: [[UInt8]]) {
        calls.sent(.greeting)
        commands?.send(command)
    }

    /// The first use of a script on a connection carries its source, so that the order of calls
    /// doesn't depend on what the server knows.
    func encoded(_ call: RedisCall) -> [[UInt8]] {
        switch call.content {
        case .command(let command):
            return command
        case .script(let script, let keys, let arguments):
            if knownScripts.insert(script.digest).inserted {
                return RedisCommands.evaluate(script, keys: keys, arguments: arguments)
            }
            return RedisCommands.evaluateKnown(script, keys: keys, arguments: arguments)
        }
    }

    private func answered(_ value: RedisValue) {
        switch calls.answered() {
        case .call(let call): answered(call, value)
        case .greeting: greeted(value)
        case .probe: probed(value)
        case .confirmation: confirmed(value)
        case nil: fail(value.errorWords ?? "an answer to nothing")
        }
    }

    private func answered(_ call: RedisCall, _ value: RedisValue) {
        if let words = value.errorWords { return refused(call, words) }
        if call.isWrite, confirmingReplicaCount > 0 {
            calls.hold(call, value)
        } else {
            calls.finished(call)
            call.reply(.success(value))
        }
    }

    private func refused(_ call: RedisCall, _ words: String) {
        if words.hasPrefix("NOSCRIPT"), case .script(let script, _, _) = call.content {
            knownScripts.remove(script.digest)
            calls.sentAgain(call)
            commands?.send(encoded(call))
            return endTurnLater()
        }
        calls.finished(call)
        guard Self.isFatal(words) else { return call.reply(.failure(.refused(words))) }
        // Not performed; said as what was in flight is told, since it will succeed elsewhere.
        call.reply(.failure(.unreachable(words)))
        fail(words)
    }

    /// Whether no command will succeed any more: the data set is gone or not there yet, or the server
    /// is a replica now.
    private static func isFatal(_ words: String) -> Bool {
        ["NOLIFE", "READONLY", "LOADING", "MASTERDOWN"].contains { words.hasPrefix($0) }
    }

    private func greeted(_ value: RedisValue) {
        guard var greeting else { return }
        let outcome = greeting.received(value)
        self.greeting = greeting
        switch outcome {
        case .continues: break
        case .send(let command): sendGreeting(command)
        case .failed(let reason): fail(reason)
        case .greeted(let life): act(state.greeted(life: life, nowMs: loop.nowMs))
        }
    }

    // MARK: Probes

    /// Sends a probe round. Its own answer says whether the server is still what it was.
    func probe(_ number: UInt64) {
        calls.sent(.probe)
        commands?.send(
            RedisCommands.evaluate(
                Self.probe, keys: [lifeKey],
                arguments: [probeChannel, Array(String(number).utf8)]))
    }

    private func probed(_ value: RedisValue) {
        guard let life = state.life else { return }
        if let words = value.errorWords { return fail(words) }
        guard let elements = value.elements, elements.count == 2 else {
            return fail("a probe was answered with something else")
        }
        guard elements[1].text == "master" else { return fail("the server is a replica now") }
        guard elements[0].text == life.description else {
            return fail("the data set has another life, or none")
        }
    }

    private static let probe = RedisScript(
        "probe",
        """
        redis.call('PUBLISH', ARGV[1], ARGV[2])
        local role = string.match(redis.call('INFO', 'replication'), 'role:(%w+)')
        return {redis.call('HGET', KEYS[1], 'id'), role}
        """)

    // MARK: Confirmation by replicas

    /// How long replicas have to confirm, in milliseconds.
    private static let confirmingMs: Int64 = 1_000

    func confirmWrites() {
        guard confirmingReplicaCount > 0, state.life != nil, calls.beginConfirming() else { return }
        commands?.send(
            RedisCommands.wait(
                replicaCount: confirmingReplicaCount, timeoutMs: Self.confirmingMs))
    }

    private func confirmed(_ value: RedisValue) {
        let confirmedCount = value.integer ?? 0
        for held in calls.confirmed() {
            calls.finished(held.call)
            held.call.reply(
                confirmedCount >= confirmingReplicaCount
                    ? .success(held.value)
                    : .failure(
                        .unreachable(
                            "\(confirmedCount) of \(confirmingReplicaCount) replicas confirmed")))
        }
        endTurnLater()
    }

    // MARK: The connection for messages

    private func beginSubscribing() {
        isSigningInToListen = server.authentication != nil
        if let command = server.authentication { messages?.send(command) }
        subscriptions.connected()
        subscribeNext()
    }

    func subscribeNext() {
        let batch = subscriptions.nextBatch()
        if !batch.isEmpty { messages?.send(RedisCommands.subscribe(to: batch)) }
    }

    private func pushed(_ value: RedisValue) {
        let isSignedIn = !isSigningInToListen
        isSigningInToListen = false
        if let words = value.errorWords {
            return fail(isSignedIn ? words : RedisCommands.passwordRefusal(words))
        }
        // The answer to AUTH is a status.
        guard let push = RedisPush(value) else { return }
        switch push {
        case .message(let channel, let message):
            if channel == probeChannel { return heardProbe(message) }
            guard state.life != nil else { return }
            subscriptions.listener(of: channel)?.received(message, from: channel)
        case .subscribed(let channel):
            take(subscriptions.subscribed(to: channel), for: channel)
            endTurnLater()
            act(
                state.subscribed(
                    isComplete: subscriptions.isRestored, nowMs: loop.nowMs))
        case .unsubscribed(let channel):
            take(subscriptions.unsubscribed(from: channel), for: channel)
        }
    }

    private func heardProbe(_ message: [UInt8]) {
        guard let number = UInt64(String(decoding: message, as: UTF8.self)) else { return }
        state.heard(probe: number, nowMs: loop.nowMs)
    }
}

/// What a server pushes to a subscriber.
private enum RedisPush {
    case message(channel: [UInt8], [UInt8])
    case subscribed([UInt8])
    case unsubscribed([UInt8])

    /// Nil for anything else.
    init?(_ value: RedisValue) {
        guard let elements = value.elements, elements.count == 3,
            let kind = elements[0].bytes, let channel = elements[1].bytes
        else { return nil }
        if kind == Self.messageKind, let message = elements[2].bytes {
            self = .message(channel: channel, message)
        } else if kind == Self.subscribeKind {
            self = .subscribed(channel)
        } else if kind == Self.unsubscribeKind {
            self = .unsubscribed(channel)
        } else {
            return nil
        }
    }

    private static let messageKind = Array("message".utf8)
    private static let subscribeKind = Array("subscribe".utf8)
    private static let unsubscribeKind = Array("unsubscribe".utf8)
}

extension RedisEndpoint {
    /// Reads what a sentinel says.
    fileprivate init?(_ value: RedisValue) {
        guard let elements = value.elements, elements.count == 2, let host = elements[0].text,
            let port = elements[1].text.flatMap({ UInt16($0) })
        else { return nil }
        self.init(host: host, port: port)
    }
}

extension RedisValue {
    /// The server's words, where it refuses.
    fileprivate var errorWords: String? {
        if case .error(let words) = self { words } else { nil }
    }
}
