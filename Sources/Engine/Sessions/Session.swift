/// One client's presence in the engine: who it is, what it subscribes to, and how much of what it
/// asked for is unfinished.
///
/// Pinned to the loop its connection lives on, which calls it synchronously, one request at a time.
/// Answers leave as `SessionEvent`s through the outlet. While `isReady` is false the connection must
/// not hand over another request; `SessionEvent.readable` says when it may again.
public actor Session {
    public nonisolated let endpoint: Endpoint
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    public private(set) var identity: Identity

    private nonisolated let loop: any Loop
    private let outlet: any Outlet
    private let community: Community
    private var subscriptions: [Subscription] = []
    private var subscriptionNumberLast: UInt32 = 0
    /// Where this session publishes: authority is asked for once per destination.
    private var publishRoutes: [(destination: String, route: RoomRoute)] = []
    private var unacknowledged = 0
    private var transactions = Transactions()
    /// The request that waits for the directory.
    private var routing: Task<Void, Never>?
    private var hasEnded = false
    /// The receipt of DISCONNECT, once that came.
    private var farewell: String??

    /// Destinations whose route is remembered; the oldest goes first.
    private static let publishRoutesMax = 8

    public init(
        identity: Identity, endpoint: Endpoint, outlet: any Outlet, community: Community
    ) {
        self.identity = identity
        self.endpoint = endpoint
        self.outlet = outlet
        self.community = community
        loop = outlet.loop
    }

    /// Whether the session takes another request now.
    public var isReady: Bool {
        routing == nil && farewell == nil && unacknowledged < community.limits.unacknowledgedMax
    }

    // MARK: Publishing

    /// Publishes, or holds the message back for its transaction. The receipt follows when the
    /// message is stored.
    public func publish(_ request: PublishRequest) {
        guard !hasEnded else { return }
        if let name = request.transaction {
            hold(request, for: name)
        } else if let known = publishRoutes.first(where: { $0.destination == request.destination })
        {
            publish(request, to: known.route, commit: nil)
        } else {
            lookUp(request.destination, for: .publish, receipt: request.receipt) { session, route in
                session.publish(request, by: route, commit: nil)
            }
        }
    }

    private func publish(_ request: PublishRequest, by route: Route, commit: CommitNumber?) {
        switch route {
        case .room(let route):
            if publishRoutes.count == Self.publishRoutesMax { publishRoutes.removeFirst() }
            publishRoutes.append((request.destination, route))
            publish(request, to: route, commit: commit)
        case .errors:
            let refusal = Refusal(.noSuchDestination, "nobody publishes to this destination")
            fail(refusal, receipt: request.receipt, commit: commit)
        }
    }

    private func publish(_ request: PublishRequest, to route: RoomRoute, commit: CommitNumber?) {
        let content: Content
        do {
            content = try route.compose(request.body, request.contentType)
        } catch {
            return fail(error, receipt: request.receipt, commit: commit)
        }
        let draft = Draft(
            sender: identity.user, senderName: identity.name, contentType: content.type,
            body: content.body, timestampMs: community.now(),
            idempotencyKey: request.idempotencyKey?.text)
        unacknowledged += 1
        let receipt = request.receipt
        community.rooms.room(named: route.stream, policy: route.policy)
            .publish(draft) { result in
                self.loop.post {
                    self.assumeIsolated { $0.settle(result, receipt: receipt, commit: commit) }
                }
            }
    }

    private func settle(
        _ result: Result<Appended, BrokerError>, receipt: String?, commit: CommitNumber?
    ) {
        let wasReady = isReady
        unacknowledged -= 1
        switch result {
        case .success(let appended):
            if let receipt { emit(.published(receipt: receipt, appended)) }
            settle(commit, refusal: nil)
        case .failure(let error):
            fail(Refusal(error), receipt: receipt, commit: commit)
        }
        leaveIfDone()
        if !wasReady, isReady { emit(.readable) }
    }

    // MARK: Subscribing

    /// Subscribes: history first where the request asks for it, the receipt, then live messages.
    public func subscribe(_ request: SubscribeRequest) {
        guard !hasEnded else { return }
        guard !subscriptions.contains(where: { $0.id == request.id }) else {
            let words = "the session already has a subscription with this id"
            return refuse(Refusal(.badFrame, words), receipt: request.receipt)
        }
        guard subscriptions.count < community.limits.subscriptionsMax else {
            return refuse(
                Refusal(.tooLarge, "the session has too many subscriptions"),
                receipt: request.receipt)
        }
        lookUp(request.destination, for: .subscribe, receipt: request.receipt) { session, route in
            session.subscribe(request, by: route)
        }
    }

    private func subscribe(_ request: SubscribeRequest, by route: Route) {
        subscriptionNumberLast += 1
        let number = subscriptionNumberLast
        switch route {
        case .errors:
            let wire = SubscriptionWire(
                id: request.id, destination: request.destination, isAcknowledged: false,
                epoch: Epoch(rawValue: 0))
            subscriptions.append(
                Subscription(number: number, id: request.id, state: .errors(wire)))
            if let receipt = request.receipt { emit(.receipt(id: receipt)) }
        case .room(let route):
            let room = community.rooms.room(named: route.stream, policy: route.policy)
            subscriptions.append(
                Subscription(number: number, id: request.id, state: .joining(room, request)))
            ask(room, for: number, .starting(bounded(request.start)))
        }
    }

    private func bounded(_ start: JoinStart) -> JoinStart {
        if case .last(let count) = start {
            .last(min(count, community.limits.historyMax))
        } else {
            start
        }
    }

    private func ask(_ room: Room, for number: UInt32, _ progress: JoinRequest.Progress) {
        room.join(
            JoinRequest(outlet: outlet, progress: progress) { answer in
                self.assumeIsolated { $0.take(answer, from: room, for: number) }
            })
    }

    private func take(_ answer: JoinRequest.Answer, from room: Room, for number: UInt32) {
        guard !hasEnded, let index = subscriptions.firstIndex(where: { $0.number == number }),
            case .joining(_, let request) = subscriptions[index].state
        else {
            // Unsubscribed, or the client left, while the room was at work.
            if case .joined = answer { room.leave(from: outlet) }
            return
        }
        switch answer {
        case .page(let publications, let cursor, let verdict):
            emit(.replay(publications, SubscriptionWire(request, epoch: cursor.epoch)))
            subscriptions[index].state = .paused(room, request, cursor: cursor, verdict)
            if !outlet.isCongested(endpoint) { resume(index) }
        case .joined(let replay, let position, let verdict, let key):
            let wire = SubscriptionWire(request, epoch: position.epoch)
            subscriptions[index].state = .live(room, key, wire)
            if !replay.isEmpty { emit(.replay(replay, wire)) }
            if let receipt = request.receipt {
                emit(.subscribed(receipt: receipt, position: position, verdict))
            }
            outlet.join(key, wire, endpoint: endpoint)
        case .refused(let refusal):
            subscriptions.remove(at: index)
            refuse(refusal, receipt: request.receipt)
        }
    }

    /// The client has taken what was on its way: subscriptions that paused go on.
    public func drained() {
        for index in subscriptions.indices { resume(index) }
    }

    private func resume(_ index: Int) {
        guard
            case .paused(let room, let request, let cursor, let verdict) =
                subscriptions[index].state
        else { return }
        subscriptions[index].state = .joining(room, request)
        ask(room, for: subscriptions[index].number, .caughtUp(cursor: cursor, verdict))
    }

    /// Ends a subscription; nothing of it is sent after this returns.
    public func unsubscribe(_ id: String, receipt: String?) {
        guard !hasEnded else { return }
        guard let index = subscriptions.firstIndex(where: { $0.id == id }) else {
            return refuse(
                Refusal(.badFrame, "the session has no subscription with this id"),
                receipt: receipt)
        }
        release(subscriptions.remove(at: index))
        if let receipt { emit(.receipt(id: receipt)) }
    }

    private func release(_ subscription: Subscription) {
        guard case .live(let room, let key, let wire) = subscription.state else { return }
        outlet.leave(key, wire, endpoint: endpoint)
        room.leave(from: outlet)
    }

    /// Takes note that the client has dealt with a message.
    public func acknowledge(receipt: String?) {
        if let receipt { emit(.receipt(id: receipt)) }
    }

    // MARK: Transactions

    /// Opens a transaction: messages sent in it wait for its commit.
    public func begin(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        do {
            try transactions.begin(transaction, atMost: community.limits.transactionsMax)
            if let receipt { emit(.receipt(id: receipt)) }
        } catch {
            refuse(error, receipt: receipt)
        }
    }

    private func hold(_ request: PublishRequest, for name: String) {
        do {
            try transactions.hold(
                request, for: name, atMost: community.limits.unacknowledgedMax)
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    /// Publishes what the transaction holds, in order. The receipt follows when all of it is stored.
    public func commit(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        let commit: Transactions.Commit
        do {
            commit = try transactions.commit(transaction, receipt: receipt)
        } catch {
            return refuse(error, receipt: receipt)
        }
        guard !commit.requests.isEmpty else {
            if let receipt { emit(.receipt(id: receipt)) }
            return
        }
        let directory = community.directory
        let identity = identity
        routing = Task {
            for request in commit.requests {
                do throws(Refusal) {
                    let route = try await directory.route(
                        request.destination, for: .publish, by: identity)
                    if hasEnded { return }
                    publish(request, by: route, commit: commit.number)
                } catch {
                    fail(error, receipt: request.receipt, commit: commit.number)
                }
            }
            finishRouting()
        }
    }

    /// Drops a transaction and what it holds.
    public func abort(_ transaction: String, receipt: String?) {
        guard !hasEnded else { return }
        do {
            try transactions.abort(transaction)
            if let receipt { emit(.receipt(id: receipt)) }
        } catch {
            refuse(error, receipt: receipt)
        }
    }

    private func settle(_ commit: CommitNumber?, refusal: Refusal?) {
        guard let commit else { return }
        switch transactions.settle(commit, refusal: refusal) {
        case .unfinished, .done(receipt: nil): break
        case .done(let receipt?): emit(.receipt(id: receipt))
        case .failed(let refusal, let receipt): refuse(refusal, receipt: receipt)
        }
    }

    // MARK: Authority and the end

    /// Goes on with a fresh token of the same user; what was allowed by the old one is asked anew.
    public func renew(_ identity: Identity, receipt: String?) {
        guard !hasEnded else { return }
        guard identity.user == self.identity.user else {
            return refuse(
                Refusal(.badCredentials, "the token belongs to another user"), receipt: receipt)
        }
        self.identity = identity
        publishRoutes = []
        if let receipt { emit(.receipt(id: receipt)) }
    }

    /// Refuses something that concerns the session: what the connection itself found wrong, a token
    /// that ran out. Ends the session unless the code spares it and the client listens for errors.
    public func refuse(_ refusal: Refusal, receipt: String? = nil) {
        guard !hasEnded else { return }
        let queue = refusal.code.sparesTheSession ? errorQueue : nil
        emit(.refused(refusal, receipt: receipt, queue: queue))
        if queue == nil { end() }
    }

    private func fail(_ refusal: Refusal, receipt: String?, commit: CommitNumber?) {
        if commit == nil || receipt != nil { refuse(refusal, receipt: receipt) }
        settle(commit, refusal: refusal)
    }

    private var errorQueue: SubscriptionWire? {
        for subscription in subscriptions {
            if case .errors(let wire) = subscription.state { return wire }
        }
        return nil
    }

    /// Says goodbye in order: the receipt follows when everything sent before is stored.
    public func disconnect(receipt: String?) {
        guard !hasEnded else { return }
        farewell = .some(receipt)
        leaveIfDone()
    }

    private func leaveIfDone() {
        guard let receipt = farewell, unacknowledged == 0 else { return }
        emit(.disconnected(receipt: receipt))
        end()
    }

    /// Leaves every room. Publications already handed over are stored all the same; nobody is told.
    public func end() {
        guard !hasEnded else { return }
        hasEnded = true
        routing?.cancel()
        routing = nil
        for subscription in subscriptions { release(subscription) }
        subscriptions = []
        transactions = Transactions()
    }

    private func emit(_ event: SessionEvent) {
        if !hasEnded { outlet.send(event, to: endpoint) }
    }

    // MARK: Routing

    /// Asks the directory, with the session closed to further requests so that their order holds.
    private func lookUp(
        _ destination: String, for action: DestinationAction, receipt: String?,
        then proceed: @escaping @Sendable (isolated Session, Route) -> Void
    ) {
        let directory = community.directory
        let identity = identity
        routing = Task {
            do throws(Refusal) {
                let route = try await directory.route(destination, for: action, by: identity)
                if !hasEnded { proceed(self, route) }
            } catch {
                refuse(error, receipt: receipt)
            }
            finishRouting()
        }
    }

    private func finishRouting() {
        guard !hasEnded else { return }
        routing = nil
        if isReady { emit(.readable) }
    }
}
