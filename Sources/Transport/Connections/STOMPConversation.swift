import Engine

/// STOMP on one connection, over TCP or inside a WebSocket: frames become requests to the session,
/// what the session says becomes frames.
final class STOMPConversation: Conversation {
    private let community: Community
    private let clientAddress: String
    private var phase: Phase
    /// What was agreed on; nil before CONNECT.
    private var version: STOMPVersion?
    /// Whether frames are being taken: meanwhile the parser is on the stack.
    private var isTaking = false
    /// Input that is not whole or had to wait; nil most of the time, when a connection needs no
    /// parser of its own: an empty one is made for each piece of input, which costs no memory.
    private var unfinished: UnfinishedFrames?
    private var pulse = Pulse(HeartBeat.Agreement(send: nil, expect: nil))
    private var frames = SessionFrames()

    private enum Phase {
        /// CONNECT must come before the deadline.
        case fresh(deadlineMs: Int64)
        case authenticating(Task<Void, Never>)
        case connected(Session)
        /// The session has a fresh token verified.
        indirect case renewing(Session, Task<Void, Never>)
        case ended
    }

    /// Where clients send a fresh token.
    private static let renewal = "/pub/session/token"
    /// How often we offer to send heart-beats and ask for the client's, in milliseconds.
    private static let ownHeartBeat = HeartBeat(sendMs: 10_000, expectMs: 10_000)

    init(community: Community, clientAddress: String, deadlineMs: Int64) {
        self.community = community
        self.clientAddress = clientAddress
        phase = .fresh(deadlineMs: deadlineMs)
    }

    // MARK: Receiving

    func receive(_ bytes: Span<UInt8>, over connection: Connection, on reactor: isolated Reactor) {
        var input = takeInput(reactor)
        input.append(bytes)
        advance(input, connection, reactor)
    }

    /// What is unfinished, or an empty parser.
    private func takeInput(_ reactor: isolated Reactor) -> STOMPParser {
        if let input = unfinished.take()?.parser { return input }
        var input = STOMPParser(limits: reactor.limits.stomp)
        input.version = version
        return input
    }

    /// The session, from CONNECTED to the end.
    var session: Session? {
        switch phase {
        case .connected(let session), .renewing(let session, _): session
        case .fresh, .authenticating, .ended: nil
        }
    }

    /// Asks who the client is, and again where the user's authority changed while the answer was on
    /// its way, which may be older than the change.
    private func authenticate(
        _ credentials: Credentials, _ reactor: isolated Reactor
    ) async -> Result<Identity, Refusal> {
        do throws(Refusal) {
            var mark = reactor.authorityChanges.mark
            var identity = try await community.authenticator.authenticate(credentials)
            while reactor.authorityChanges.concern(identity.user, since: mark) {
                mark = reactor.authorityChanges.mark
                identity = try await community.authenticator.verifyAnew(identity)
            }
            return .success(identity)
        } catch {
            return .failure(error)
        }
    }

    /// Whether another frame can be taken now.
    var isReady: Bool {
        guard !isTaking else { return false }
        return switch phase {
        case .fresh: true
        case .connected(let session): session.onLoop.isReady
        case .authenticating, .renewing, .ended: false
        }
    }

    /// Takes frames as long as the session keeps up and the turn lasts; what is left waits, and the
    /// peer is not read.
    private func advance(
        _ input: consuming STOMPParser, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        do throws(STOMPError) {
            while isReady, reactor.turnCredit > 0, let event = try input.next() {
                reactor.turnCredit -= 1
                switch event {
                case .heartBeat: input.dropHeartBeats()
                case .frame(let frame):
                    isTaking = true
                    take(frame, connection, reactor)
                    isTaking = false
                    input.version = version
                }
            }
        } catch {
            let code: RefusalCode = error.code == "too-large" ? .tooLarge : .badFrame
            // Where the next frame starts is unknown: even a spared session can't go on.
            return fail(Refusal(code, error.reason), connection, reactor)
        }
        guard case .open = connection.phase else { return }
        let isHeldUp = reactor.turnCredit <= 0 && !input.isIdle
        if !input.isIdle { unfinished = UnfinishedFrames(input) }
        reactor.setReading(isReady, of: connection)
        if isHeldUp { reactor.yield(connection) }
    }

    private func take(
        _ frame: STOMPFrame, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        switch (phase, frame.command) {
        case (.fresh, .connect), (.fresh, .stomp):
            connect(frame, connection, reactor)
        case (.fresh, _):
            fail(Refusal(.badFrame, "the first frame must be CONNECT"), connection, reactor)
        case (.connected(let session), _):
            do throws(Refusal) {
                switch try ClientRequest(frame, sharing: &reactor.texts) {
                case .publish(let request) where request.destination == Self.renewal:
                    renew(session, frame, connection, reactor)
                case .publish(let request):
                    session.onLoop.publish(request)
                case let request:
                    session.assumeIsolated { request.perform(in: $0) }
                }
            } catch {
                let receipt = frame.headers.value(of: "receipt")
                session.assumeIsolated { $0.refuse(error, receipt: receipt) }
            }
        case (.authenticating, _), (.renewing, _), (.ended, _):
            preconditionFailure("no frame is taken while the session is not ready")
        }
    }

    // MARK: Connecting

    private func connect(
        _ frame: STOMPFrame, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        let versions = frame.headers.value(of: "accept-version")
        guard let version = STOMPVersion.negotiate(acceptVersion: versions) else {
            return fail(
                Refusal(.badFrame, "supported protocol versions are 1.0, 1.1 and 1.2"),
                connection, reactor)
        }
        let theirs = frame.headers.value(of: "heart-beat").map { HeartBeat($0) } ?? HeartBeat.none
        guard let theirs else {
            return fail(
                Refusal(.badFrame, "heart-beat is two numbers of milliseconds"), connection,
                reactor)
        }
        guard let credentials = Credentials(frame.headers, address: clientAddress) else {
            return fail(
                Refusal(.badCredentials, "CONNECT needs a token or a login and passcode"),
                connection, reactor)
        }
        self.version = version
        connection.version = version
        // 1.0 knows no heart-beats.
        if version > .v10 { pulse = Pulse(Self.ownHeartBeat.negotiated(with: theirs)) }
        let endpoint = connection.endpoint
        phase = .authenticating(
            Task {
                let outcome = await authenticate(credentials, reactor)
                guard let connection = reactor.connection(at: endpoint) else { return }
                authenticated(outcome, connection, reactor)
            })
    }

    private func authenticated(
        _ outcome: Result<Identity, Refusal>, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        guard case .authenticating = phase else { return }
        switch outcome {
        case .failure(let refusal):
            fail(refusal, connection, reactor)
        case .success(let identity):
            phase = .connected(
                Session(
                    identity: identity, endpoint: connection.endpoint, outlet: reactor,
                    community: community))
            let endpoint = connection.endpoint
            reactor.slots[Int(endpoint.slot)].user = identity.user
            let name = "\(reactor.index)-\(endpoint.slot)-\(endpoint.generation)"
            reactor.sendFrame(to: connection) {
                STOMPEncoder.connected(
                    version: connection.version, session: .text(name),
                    heartBeat: Self.ownHeartBeat, server: "PetNexus",
                    userName: .number(identity.user.rawValue),
                    node: community.nodeName.map { .text($0) }, into: &$0)
            }
            reactor.resume(connection)
        }
    }

    private func renew(
        _ session: Session, _ frame: STOMPFrame, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        let receipt = frame.headers.value(of: "receipt")
        guard let credentials = Credentials(frame.headers, address: clientAddress) else {
            return session.assumeIsolated {
                $0.refuse(Refusal(.badFrame, "Authorization is missing"), receipt: receipt)
            }
        }
        let endpoint = connection.endpoint
        phase = .renewing(
            session,
            Task {
                let outcome = await authenticate(credentials, reactor)
                renewed(session, outcome, receipt)
                guard let connection = reactor.connection(at: endpoint) else { return }
                reactor.resume(connection)
            })
    }

    private func renewed(
        _ session: Session, _ outcome: Result<Identity, Refusal>, _ receipt: String?
    ) {
        guard case .renewing = phase else { return }
        phase = .connected(session)
        session.assumeIsolated { session in
            switch outcome {
            case .success(let identity): session.renew(identity, receipt: receipt)
            case .failure(let refusal): session.refuse(refusal, receipt: receipt)
            }
        }
    }

    // MARK: Telling

    func tell(_ event: SessionEvent, over connection: Connection, on reactor: isolated Reactor) {
        switch event {
        case .receipt, .published, .subscribed, .replay:
            frames.write(event, to: connection, on: reactor)
        case .refused(let refusal, let receipt, let queue?):
            frames.report(refusal, receipt, to: queue, over: connection, on: reactor)
        case .refused(let refusal, let receipt, nil):
            end(refusal, receipt, connection, reactor)
        case .withdrawn(let id, let destination, let refusal, let queue?):
            frames.report(
                refusal, withdrawing: id, from: destination, to: queue, over: connection,
                on: reactor)
        case .withdrawn(_, _, let refusal, nil):
            end(refusal, nil, connection, reactor)
        case .disconnected:
            frames.write(event, to: connection, on: reactor)
            close(.normal, connection, reactor)
        case .readable:
            // Whoever is taking frames goes on by itself.
            guard !isTaking else { return }
            advance(takeInput(reactor), connection, reactor)
        }
    }

    // MARK: Ending

    /// Refuses what the connection itself found wrong, and ends it.
    func fail(_ refusal: Refusal, _ connection: Connection, _ reactor: isolated Reactor) {
        end(refusal, nil, connection, reactor)
    }

    private func end(
        _ refusal: Refusal, _ receipt: String?, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        frames.end(
            refusal, receipt, version ?? .v10, over: connection, on: reactor)
        close(WebSocketCloseCode(refusal.code), connection, reactor)
    }

    private func close(
        _ code: WebSocketCloseCode, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        if connection.framing != .stream {
            reactor.send(to: connection) { WebSocketEncoder.close(code, into: &$0) }
        }
        release()
        reactor.finish(connection)
    }

    func receiveEnd(over connection: Connection, on reactor: isolated Reactor) {
        reactor.close(connection)
    }

    func drained(over connection: Connection, on reactor: isolated Reactor) {
        session?.assumeIsolated { $0.drained() }
    }

    func overflowed(over connection: Connection, on reactor: isolated Reactor) {
        // It comes back for all of that: what it hears first is why.
        connection.outbox.drop()
        fail(
            Refusal(.tooSlow, "too much waits to be read; resume from your position"), connection,
            reactor)
    }

    var heldBytes: Int {
        (unfinished?.parser.heldBytes ?? 0) + (session?.onLoop.heldBytes ?? 0)
    }

    func closed(on reactor: isolated Reactor) {
        release()
    }

    private func release() {
        switch phase {
        case .authenticating(let task): task.cancel()
        case .renewing(let session, let task):
            task.cancel()
            session.assumeIsolated { $0.end() }
        case .connected(let session): session.assumeIsolated { $0.end() }
        case .fresh, .ended: break
        }
        phase = .ended
        unfinished = nil
    }

    // MARK: Deadlines

    func wake(over connection: Connection, on reactor: isolated Reactor) -> Int64 {
        switch phase {
        case .fresh(let deadlineMs):
            guard reactor.nowMs >= deadlineMs else { return deadlineMs }
            fail(Refusal(.badFrame, "CONNECT did not come in time"), connection, reactor)
            return .max
        case .authenticating, .ended:
            return .max
        case .connected(let session), .renewing(let session, _):
            return min(beat(connection, reactor), reactor.expire(session, in: community))
        }
    }

    /// Sends a heart-beat when one is due, and closes a connection that owes one.
    private func beat(_ connection: Connection, _ reactor: isolated Reactor) -> Int64 {
        let slot = reactor.slots[Int(connection.endpoint.slot)]
        // While we don't read, we can't hear.
        let lastReceivedMs = connection.isReadPaused ? reactor.nowMs : slot.lastReceivedMs
        let verdict = pulse.check(
            nowMs: reactor.nowMs, lastSentMs: slot.lastSentMs, lastReceivedMs: lastReceivedMs,
            slackMs: Reactor.sweepMs)
        switch verdict {
        case .waits(let untilMs):
            return untilMs
        case .beats(let nextMs):
            reactor.sendFrame(to: connection) { $0.append(STOMPEncoder.heartBeat) }
            return nextMs
        case .isDead:
            reactor.close(connection)
            return .max
        }
    }
}
