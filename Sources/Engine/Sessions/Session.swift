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
    let community: Community
    private var subscriptions: [Subscription] = []
    private var subscriptionNumberLast: UInt32 = 0
    private var unacknowledged: Int32 = 0
    /// Where this session publishes: authority is asked for once per destination.
    private var publishRoutes: [PublishRoute] = []
    /// Nil while there are none, which is nearly always.
    private var transactionsBox: TransactionsBox?
    /// The request that waits for the directory.
    var routing: Task<Void, Never>?
    private var phase = Phase.open

    private enum Phase {
        case open
        /// The client said goodbye and waits for what it published before.
        indirect case leaving(receipt: String?)
        case ended
    }

    private final class TransactionsBox {
        var transactions = Transactions()
    }

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
        guard case .open = phase else { return false }
        return routing == nil && Int(unacknowledged) < community.limits.unacknowledgedMax
    }

    /// Changes the transactions in place.
    func withTransactions<Outcome, Failure: Error>(
        _ body: (inout Transactions) throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome {
        let box = transactionsBox ?? TransactionsBox()
        defer { transactionsBox = box.transactions.isEmpty ? nil : box }
        return try body(&box.transactions)
    }

    var hasEnded: Bool {
        if case .ended = phase { true } else { false }
    }

    // MARK: Publishing

    /// Publishes, or holds the message back for its transaction. The receipt follows when the
    /// message is stored.
    public func publish(_ request: PublishRequest) {
        guard !hasEnded else { return }
        if let name = request.transaction {
            hold(request, for: name)
        } else if let index = publishRoutes.firstIndex(where: { $0.leads(to: request.destination) })
        {
            publishRoutes[index].refresh(in: community.rooms)
            publish(request, to: publishRoutes[index])
        } else {
            lookUp(request.destination, for: .publish, receipt: request.receipt) { session, route in
                session.publish(request, by: route)
            }
        }
    }

    private func publish(_ request: PublishRequest, by route: Route) {
        do {
            let route = PublishRoute(
                destination: request.destination, route: try Self.room(of: route),
                in: community.rooms)
            if publishRoutes.count == Self.publishRoutesMax { publishRoutes.removeFirst() }
            publishRoutes.append(route)
            publish(request, to: route)
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    private func publish(_ request: PublishRequest, to route: PublishRoute) {
        do {
            let content = try route.compose(request.body, request.contentType)
            append(content, for: request, to: route.room, commit: nil)
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    static func room(of route: Route) throws(Refusal) -> RoomRoute {
        switch route {
        case .room(let route): return route
        case .errors: throw Refusal(.noSuchDestination, "nobody publishes to this destination")
        }
    }

    func append(
        _ content: Content, for request: PublishRequest, to room: Room, commit: CommitNumber?
    ) {
        let draft = Draft(
            sender: identity.user, senderName: identity.name, contentType: content.type,
            body: content.body, timestampMs: community.now(),
            idempotencyKey: request.idempotencyKey?.text)
        unacknowledged += 1
        let receipt = request.receipt
        room.publish(draft) { result in
            self.loop.post {
                self.onLoop.settle(result, receipt: receipt, commit: commit)
            }
        }
    }

    package func settle(
        _ result: Result<Appended, BrokerError>, receipt: String?, commit: CommitNumber?
    ) {
        let wasReady = isReady
        unacknowledged -= 1
        switch result {
        case .success(let appended):
            if let receipt { emit(.published(receipt: receipt, appended)) }
            settle(commit, refusal: nil)
        case .failure(let error):
            if commit == nil || receipt != nil { refuse(Refusal(error), receipt: receipt) }
            settle(commit, refusal: Refusal(error))
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
                Subscription(number: number, state: .errors(wire)))
            emit(request.receipt)
        case .room(let route):
            let room = community.rooms.room(named: route.stream, policy: route.policy)
            subscriptions.append(
                Subscription(
                    number: number,
                    state: .paused(room, request, .starting(bounded(request.start)))))
            resumeNext()
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
            if case .joined(_, _, _, let joined) = answer { joined.leave(from: outlet) }
            return
        }
        switch answer {
        case .page(let publications, let cursor, let verdict):
            emit(.replay(publications, SubscriptionWire(request, epoch: cursor.epoch)))
            subscriptions[index].state = .paused(
                room, request, .caughtUp(cursor: cursor, verdict))
        case .joined(let replay, let position, let verdict, let joined):
            let wire = SubscriptionWire(request, epoch: position.epoch)
            if !replay.isEmpty { emit(.replay(replay, wire)) }
            if let receipt = request.receipt {
                emit(.subscribed(receipt: receipt, position: position, verdict))
            }
            // Kept is the one that the room's other members have, too.
            subscriptions[index].state = .live(
                joined, outlet.join(joined.key, wire, endpoint: endpoint))
        case .refused(let refusal):
            subscriptions.remove(at: index)
            refuse(refusal, receipt: request.receipt)
        }
        resumeNext()
    }

    /// The client has taken what was on its way: subscriptions that paused go on.
    public func drained() {
        resumeNext()
    }

    /// Lets one subscription go on, unless much waits for the client already. The answer to it lets
    /// the next one: a client that resumes many rooms at once is not buried under their histories.
    private func resumeNext() {
        guard !hasEnded, !outlet.isCongested(endpoint) else { return }
        for index in subscriptions.indices {
            guard case .paused(let room, let request, let progress) = subscriptions[index].state
            else { continue }
            subscriptions[index].state = .joining(room, request)
            return ask(room, for: subscriptions[index].number, progress)
        }
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
        emit(receipt)
    }

    private func release(_ subscription: Subscription) {
        guard case .live(let room, let wire) = subscription.state else { return }
        outlet.leave(room.key, wire, endpoint: endpoint)
        room.leave(from: outlet)
    }

    /// Takes note that the client has dealt with a message.
    public func acknowledge(receipt: String?) {
        emit(receipt)
    }

    private func settle(_ commit: CommitNumber?, refusal: Refusal?) {
        guard let commit else { return }
        switch withTransactions({ $0.settle(commit, refusal: refusal) }) {
        case .unfinished: break
        case .done(let receipt): emit(receipt)
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
        emit(receipt)
    }

    /// Refuses something that concerns the session: what the connection itself found wrong, a token
    /// that ran out. Ends the session unless the code spares it and the client listens for errors.
    public func refuse(_ refusal: Refusal, receipt: String? = nil) {
        guard !hasEnded else { return }
        let queue = refusal.code.sparesTheSession ? errorQueue : nil
        emit(.refused(refusal, receipt: receipt, queue: queue))
        if queue == nil { end() }
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
        phase = .leaving(receipt: receipt)
        leaveIfDone()
    }

    private func leaveIfDone() {
        guard case .leaving(let receipt) = phase, unacknowledged == 0 else { return }
        // First, so that what its rooms said before comes before the goodbye.
        leaveRooms()
        emit(.disconnected(receipt: receipt))
        end()
    }

    /// Leaves every room. Publications already handed over are stored all the same; nobody is told.
    public func end() {
        guard !hasEnded else { return }
        phase = .ended
        routing?.cancel()
        routing = nil
        leaveRooms()
        transactionsBox = nil
    }

    private func leaveRooms() {
        for subscription in exchange(&subscriptions, with: []) { release(subscription) }
    }

    /// The receipt of a request that was done; nil: none was asked for.
    func emit(_ receipt: String?) {
        if let receipt { emit(.receipt(id: receipt)) }
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

    func finishRouting() {
        guard !hasEnded else { return }
        routing = nil
        if isReady { emit(.readable) }
    }
}
