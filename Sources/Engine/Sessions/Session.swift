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
    public internal(set) var identity: Identity

    nonisolated let loop: any Loop
    let outlet: any Outlet
    let community: Community
    /// Shared with the user's other sessions; nil: without bound.
    let allowance: PublishAllowance?
    var subscriptions: [Subscription] = []
    var subscriptionNumberLast: UInt32 = 0
    var unacknowledged: Int32 = 0
    /// Answers of rooms that are still to come.
    var joinsUnderWay: Int32 = 0
    /// Where this session publishes: authority is asked for once per destination.
    var publishRoutes: [PublishRoute] = []
    /// Nil while there are none, which is nearly always.
    var transactionsBox: TransactionsBox?
    /// Nil while there are none, which is mostly.
    var durables: DurableSubscriptions?
    /// The request that waits for the directory, or the verification that waits for the community.
    var routing: Task<Void, Never>?
    /// Whether the user's authority has changed since the session last asked for it.
    var isVerificationDue = false
    /// Subscriptions that were taken from the client, which may acknowledge their messages or give
    /// them up before it hears of that. The latest ones.
    var withdrawn: [WithdrawnSubscription] = []
    var phase = Phase.open

    enum Phase {
        case open
        /// The client said goodbye and waits for what it published before.
        indirect case leaving(receipt: String?)
        /// The client is sent away once what it asked for before is done.
        case goingAway(reconnectAfterMs: Int64)
        case ended
    }

    final class TransactionsBox {
        var transactions = Transactions()
    }

    /// Destinations whose route is remembered; the oldest goes first.
    static let publishRoutesMax = 8

    public init(
        identity: Identity, endpoint: Endpoint, outlet: any Outlet, community: Community
    ) {
        self.identity = identity
        self.endpoint = endpoint
        self.outlet = outlet
        self.community = community
        allowance = community.allowances?.allowance(of: identity.user, nowMs: community.now())
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
        if let name = request.transaction { return hold(request, for: name) }
        do {
            try allowance?.take(nowMs: community.now())
            let closingCount = community.rooms.closingCount
            let known = publishRoutes.firstIndex {
                $0.leads(to: request.destination, as: closingCount)
            }
            if let index = known {
                try publishRoutes[index].refresh(in: community.rooms)
                publish(request, to: publishRoutes[index])
            } else {
                lookUp(request.destination, for: .publish, receipt: request.receipt) {
                    $0.publish(request, by: $1)
                }
            }
        } catch {
            refuse(error, receipt: request.receipt)
        }
    }

    func publish(_ request: PublishRequest, by route: Route) {
        let target: PublishRoute.Target
        switch route {
        case .room(let route):
            do {
                let room = try community.rooms.room(named: route.stream, policy: route.policy)
                target = .room(room, route.compose)
            } catch {
                return refuse(error, receipt: request.receipt)
            }
        case .command(let command):
            target = .command(command)
        case .errors:
            return refuse(
                Refusal(.noSuchDestination, "nobody publishes to this destination"),
                receipt: request.receipt)
        }
        let known = PublishRoute(
            destination: request.destination, target: target,
            as: community.rooms.closingCount)
        if publishRoutes.count == Self.publishRoutesMax { publishRoutes.removeFirst() }
        publishRoutes.append(known)
        publish(request, to: known)
    }

    func publish(_ request: PublishRequest, to route: PublishRoute) {
        switch route.target {
        case .room(let room, let compose):
            do {
                let content = try compose(request.body, request.contentType)
                append(content, for: request, to: room, commit: nil)
            } catch {
                refuse(error, receipt: request.receipt)
            }
        case .command(let command):
            run(command, for: request)
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
        let read = room.policy.read
        let identity = identity
        room.publish(draft) { result in
            self.loop.post {
                if let read, case .success(let appended) = result {
                    read(identity, appended.position, .published)
                }
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
        goOn(wasReady: wasReady)
    }

    /// Goes on once something unfinished is done: with the goodbye that waited for it, or with the
    /// client's next requests.
    func goOn(wasReady: Bool) {
        leaveIfDone()
        if !wasReady, isReady { emit(.readable) }
    }
}
