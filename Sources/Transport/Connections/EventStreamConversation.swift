import Engine

/// An event stream on one connection, which is its request's last: what the session says becomes
/// events. Nothing that the peer sends is read any more.
final class EventStreamConversation: Conversation {
    private let stream: EventStream
    private let session: Session
    private let isChunked: Bool
    private var progress: Progress
    /// Feeds that the session was asked for.
    private var askedCount = 0
    private let pulse = Pulse(HeartBeat.Agreement(send: .milliseconds(commentMs), expect: nil))

    private enum Progress {
        /// Nothing was said yet: the first event must be the one that says where the stream begins.
        case starting
        /// The client has everything up to here, and not all of it.
        case catchingUp(Position)
        case live
        case ended
    }

    /// How long a stream may be silent, in milliseconds.
    private static let commentMs: Int64 = 15_000
    /// When a client comes back whose connection breaks, in milliseconds: each at a time of its own.
    private static let retryMs: ClosedRange<Int64> = 1_000...3_000

    private static let firstName = "connected"
    private static let liveName = "live"
    private static let lastName = "error"

    /// `isChunked` is how the head said that the stream is delimited.
    init(
        _ stream: EventStream, isChunked: Bool, over connection: Connection,
        on reactor: isolated Reactor
    ) {
        self.stream = stream
        self.isChunked = isChunked
        progress = .starting
        session = Session(
            identity: stream.identity, endpoint: connection.endpoint, outlet: reactor,
            community: stream.community)
    }

    /// Begins. Where the user's authority may have changed since it was looked up, it is asked for
    /// anew before anything else.
    func begin(
        isAuthorityOld: Bool, over connection: Connection, on reactor: isolated Reactor
    ) {
        connection.framing = .eventStream(isChunked: isChunked)
        reactor.slots[Int(connection.endpoint.slot)].user = stream.identity.user
        Socket.giveUp(connection.descriptor, afterMs: reactor.limits.idleMs)
        if isAuthorityOld { session.assumeIsolated { $0.verifyAnew() } }
        askForNext()
    }

    /// Asks for the next feed once the session is ready for it and those before are live.
    private func askForNext() {
        let isDue =
            switch progress {
            case .starting: askedCount == 0
            case .live: askedCount < stream.feeds.count
            case .catchingUp, .ended: false
            }
        guard isDue, session.onLoop.isReady else { return }
        let feed = stream.feeds[askedCount]
        let start = askedCount == 0 ? stream.position.map { JoinStart.after($0) } : nil
        askedCount += 1
        session.assumeIsolated {
            $0.subscribe(
                SubscribeRequest(
                    id: feed.subscriptionID, destination: feed.destination, start: start ?? .live,
                    receipt: feed.subscriptionID))
        }
    }

    // MARK: Telling

    func tell(_ event: SessionEvent, over connection: Connection, on reactor: isolated Reactor) {
        switch event {
        case .replay(let publications, let subscription):
            replay(publications, of: subscription, connection, reactor)
        case .subscribed(_, let position, let resume):
            subscribed(at: position, resume, connection, reactor)
        case .refused(let refusal, _, _), .withdrawn(_, _, let refusal, _):
            end(refusal, connection, reactor)
        case .readable:
            askForNext()
        case .receipt, .published, .disconnected:
            preconditionFailure("a stream asks for nothing but its subscriptions")
        }
    }

    /// Writes what the client missed. Whatever it can't be given between, or before, it is told of by
    /// the first event of a stream: this one, or the next.
    private func replay(
        _ publications: [Publication], of subscription: SubscriptionWire,
        _ connection: Connection, _ reactor: isolated Reactor
    ) {
        guard let first = publications.first, let last = publications.last else { return }
        let epoch = subscription.epoch
        let before = Position(epoch: epoch, offset: first.offset - 1)
        switch progress {
        case .starting:
            let resume: Resume = before == stream.position ? .complete : .gap
            begin(at: before, resume, connection, reactor)
        case .catchingUp(let reached):
            guard reached == before else { return interrupt(connection, reactor) }
        case .live, .ended:
            return
        }
        progress = .catchingUp(Position(epoch: epoch, offset: last.offset))
        let template = PublicationTemplate(connection.form(of: subscription))
        for publication in publications {
            reactor.sendFrame(to: connection) { template.write(publication, into: &$0) }
        }
    }

    private func subscribed(
        at position: Position, _ resume: Resume, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        switch progress {
        case .starting:
            begin(at: position, resume, connection, reactor)
        case .catchingUp(let reached):
            guard reached == position else { return interrupt(connection, reactor) }
        case .live:
            break
        case .ended:
            return
        }
        progress = .live
        guard askedCount == stream.feeds.count else { return askForNext() }
        guard askedCount > 1 else { return }
        reactor.sendFrame(to: connection) {
            EventStreamEncoder.event(Self.liveName, data: Array("{}".utf8), into: &$0)
        }
    }

    /// Writes where the stream begins: who comes back before anything else goes on from there.
    private func begin(
        at position: Position, _ resume: Resume, _ connection: Connection,
        _ reactor: isolated Reactor
    ) {
        let data = stream.wording.begins(position, resume)
        let retryMs = Int64.random(in: Self.retryMs)
        reactor.sendFrame(to: connection) {
            EventStreamEncoder.event(
                Self.firstName, id: position.description, retryMs: retryMs, data: data, into: &$0)
        }
    }

    // MARK: Ending

    /// Sends the client away whose history was cut short while it caught up: the stream that it comes
    /// back for says so first. The session, which is just at it, ends afterwards.
    private func interrupt(_ connection: Connection, _ reactor: isolated Reactor) {
        sayGoodbye(
            .goingAway(reconnectAfterMs: Int64.random(in: Self.retryMs)), connection, reactor)
        reactor.eventLoop.post { [session] in session.assumeIsolated { $0.end() } }
    }

    private func end(
        _ refusal: Refusal, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        sayGoodbye(refusal, connection, reactor)
        closed(on: reactor)
    }

    /// Writes why the stream ends, and its end. Nothing follows that the session's rooms still say: the
    /// client would miss what came before it.
    private func sayGoodbye(
        _ refusal: Refusal, _ connection: Connection, _ reactor: isolated Reactor
    ) {
        progress = .ended
        guard case .open = connection.phase else { return }
        let data = stream.wording.ends(refusal)
        reactor.sendFrame(to: connection) {
            EventStreamEncoder.event(
                Self.lastName, retryMs: refusal.retryAfterMs, data: data, into: &$0)
        }
        if isChunked { reactor.send(to: connection) { HTTPChunkEncoder.finish(into: &$0) } }
        reactor.finish(connection)
    }

    func overflowed(over connection: Connection, on reactor: isolated Reactor) {
        // It comes back for all of that: what it hears first is why.
        connection.outbox.drop()
        end(
            Refusal(.tooSlow, "too much waits to be read; resume from your position"), connection,
            reactor)
    }

    func goAway(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        session.assumeIsolated { $0.goAway(reconnectAfterMs: reconnectAfterMs) }
    }

    func cutOff(
        reconnectAfterMs: Int64, over connection: Connection, on reactor: isolated Reactor
    ) {
        end(.goingAway(reconnectAfterMs: reconnectAfterMs), connection, reactor)
    }

    func closed(on reactor: isolated Reactor) {
        progress = .ended
        session.assumeIsolated { $0.end() }
    }

    // MARK: The rest

    func receive(_ bytes: Span<UInt8>, over connection: Connection, on reactor: isolated Reactor) {
        // A request that was sent ahead gets no answer: the connection ends with this one.
    }

    func receiveEnd(over connection: Connection, on reactor: isolated Reactor) {
        reactor.close(connection)
    }

    func drained(over connection: Connection, on reactor: isolated Reactor) {
        session.assumeIsolated { $0.drained() }
    }

    func verifyAnew(over connection: Connection, on reactor: isolated Reactor) {
        session.assumeIsolated { $0.verifyAnew() }
    }

    var heldBytes: Int { 0 }

    func wake(over connection: Connection, on reactor: isolated Reactor) -> Int64 {
        min(comment(connection, reactor), reactor.expire(session, in: stream.community))
    }

    /// Writes a comment when nothing else was written for long.
    private func comment(_ connection: Connection, _ reactor: isolated Reactor) -> Int64 {
        let lastSentMs = reactor.slots[Int(connection.endpoint.slot)].lastSentMs
        switch pulse.check(
            nowMs: reactor.nowMs, lastSentMs: lastSentMs, lastReceivedMs: reactor.nowMs,
            slackMs: Reactor.sweepMs)
        {
        case .waits(let untilMs):
            return untilMs
        case .beats(let nextMs):
            reactor.sendFrame(to: connection) { EventStreamEncoder.comment(into: &$0) }
            return nextMs
        case .isDead:
            preconditionFailure("nothing is expected of the peer")
        }
    }
}
