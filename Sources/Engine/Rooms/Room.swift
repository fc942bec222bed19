import Synchronization

/// The live half of a stream on this node: it knows which loops have members, hands them each
/// publication once and in order, and leads newcomers from their position to the live edge.
///
/// Pinned to one loop. Sessions call it directly from the same loop and by post from others; it
/// answers by post only, so that a member's admission and the publications after it keep their
/// order on the member's loop.
public actor Room {
    public nonisolated let name: StreamName
    public nonisolated let key: RoomKey
    public nonisolated let loop: any Loop
    public nonisolated let policy: RoomPolicy
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    nonisolated let closedFlag = Atomic<Bool>(false)
    nonisolated let handedOverOffset = Atomic<UInt64>(0)
    let broker: any Broker
    unowned let rooms: Rooms
    var state = State.fresh
    /// Subscriptions by outlet index: fan-out goes once to each outlet with at least one.
    var members: [Int]
    /// Who of the members counts as there; nobody where the room has no stream of events.
    var occupancy = Occupancy()
    var typing = TypingBoard()
    /// Bumped by everything that shows the room is in use; an idle check that finds it unchanged
    /// closes the room.
    var activity: UInt64 = 0
    /// Joins from positions that the log has and the room has not delivered yet.
    var early: [JoinRequest] = []
    /// Counts how often the room asked the broker for the stream.
    var attachment: UInt64 = 0
    /// What all rooms together have counted of this one's log.
    var countedBytes = 0
    /// Whether an idle check is on its way.
    var isWatched = false
    /// Whether the loop's `TopWatch` looks after this room.
    var isOnTopWatch = false
    /// Where the stream stood at the watch's last look.
    var topSeen: UInt64 = 0

    enum State {
        /// Nobody here wants to hear of the stream: what is published needs no ear for it.
        case fresh
        /// Asked the broker for the stream; what arrives meanwhile waits, bounded by what sessions
        /// may have unfinished.
        case attaching(waiting: [Work])
        case live(RoomLog)
        /// Reads back what was missed between two announcements; joins wait.
        case repairing(RoomRepair)
        /// Given up for lack of use; work goes to the room's successor.
        case closed
    }

    enum Work {
        case publish(Draft, PublishReply)
        case join(JoinRequest)
        case announced([Publication], Epoch, attachment: UInt64)
    }

    /// Called on any thread, exactly once, and must return at once.
    public typealias PublishReply = @Sendable (Result<Appended, BrokerError>) -> Void

    /// How long a room without members stays, so that a reload finds it warm.
    static let idleMs: Int64 = 30_000
    /// Read from the log at a time while somebody catches up: well below what an outbox holds.
    static let pageMax = PageLimit(countMax: 256, bytesMax: 128 * 1024)

    init(name: StreamName, key: RoomKey, policy: RoomPolicy, loop: any Loop, in rooms: Rooms) {
        self.name = name
        self.key = key
        self.policy = policy
        self.loop = loop
        self.rooms = rooms
        broker = rooms.broker
        members = Array(repeating: 0, count: rooms.outlets.count)
    }

    /// Runs `body` in the room: at once when the caller is on its loop, else by post.
    nonisolated func enter(_ body: @escaping @Sendable (isolated Room) -> Void) {
        if loop.isCurrent {
            assumeIsolated(body)
        } else {
            loop.post { self.assumeIsolated(body) }
        }
    }

    /// The newest offset that members were given. Callable from any thread; whoever got a message is
    /// told of its offset or a later one.
    nonisolated var handedOver: UInt64 { handedOverOffset.load(ordering: .relaxed) }

    /// Whether the room has given up for good. Callable from any thread.
    nonisolated var hasClosed: Bool { closedFlag.load(ordering: .relaxed) }

    // MARK: Publishing

    /// Appends a draft to the stream. Calls from one thread are appended in their order.
    public nonisolated func publish(_ draft: Draft, reply: @escaping PublishReply) {
        if loop.isCurrent {
            onLoop.append(draft, reply)
        } else {
            loop.post { self.onLoop.append(draft, reply) }
        }
    }

    func append(_ draft: Draft, _ reply: @escaping PublishReply) {
        activity &+= 1
        if !typing.isEmpty { carryOut(typing.send(draft.sender)) }
        switch state {
        case .attaching(var waiting):
            state = .closed
            waiting.append(.publish(draft, reply))
            state = .attaching(waiting: waiting)
        case .fresh, .live, .repairing:
            guard !isFarBehind else { return refuse(.publish(draft, reply), .overloaded) }
            broker.append(draft, to: name, keeping: policy.retention, reply: reply)
        case .closed:
            do {
                try rooms.room(named: name, policy: policy).publish(draft, reply: reply)
            } catch {
                refuse(.publish(draft, reply), .overloaded)
            }
        }
    }

    /// Whether a loop with members can't keep up. Those who publish on other loops would fill its
    /// inbox: only a stream that is kept slows them down by itself.
    private var isFarBehind: Bool {
        for outlet in rooms.outlets where members[outlet.index] > 0 && outlet.isFarBehind {
            return true
        }
        return false
    }

    // MARK: Joining and leaving

    /// Leads a subscription to the live edge: pages of history, then admission.
    nonisolated func join(_ request: JoinRequest) {
        enter { $0.admit(request) }
    }

    func admit(_ request: JoinRequest) {
        activity &+= 1
        switch state {
        case .fresh:
            attach(first: .join(request))
        case .attaching(var waiting):
            state = .closed
            waiting.append(.join(request))
            state = .attaching(waiting: waiting)
        case .live(let log):
            admit(request, by: log)
        case .repairing(var repair):
            state = .closed
            repair.wait(request)
            state = .repairing(repair)
        case .closed:
            do {
                try rooms.room(named: name, policy: policy).join(request)
            } catch {
                request.answer(.refused(error))
            }
        }
    }

    func admit(_ request: JoinRequest, by log: RoomLog) {
        let plan =
            switch request.progress {
            case .starting(let start): log.plan(from: start)
            case .caughtUp(let cursor, let verdict):
                cursor.epoch == log.epoch
                    ? log.plan(after: cursor.offset, verdict) : .join(replay: [], .reset)
            }
        switch plan {
        case .join(let replay, let verdict):
            join(request, by: log, replay, verdict)
        case .unknown:
            Task { await examine(request) }
        case .read(let cursor, let verdict):
            Task { await readPage(for: request, after: cursor, verdict) }
        }
    }

    func join(
        _ request: JoinRequest, by log: RoomLog, _ replay: ArraySlice<Publication>,
        _ verdict: Resume
    ) {
        members[request.outlet.index] += 1
        countIn(request.member)
        request.answer(
            .joined(replay: Array(replay), position: log.position, verdict, room: self))
    }

    /// Asks the log about a position that the room can't judge. Where the log has what the client has
    /// seen, the request waits for its announcement; where the log is another than the room's, the
    /// room is the one that is wrong.
    func examine(_ request: JoinRequest) async {
        guard case .starting(.after(let position)) = request.progress else { return }
        let attachment = attachment
        do {
            let page = try await broker.read(
                name, after: position.offset, atMost: PageLimit(countMax: 0),
                keeping: policy.retention)
            guard case .live(let log) = state, self.attachment == attachment else {
                return admit(request)
            }
            guard page.epoch == log.epoch else { return restart(waiting: [request]) }
            if position.epoch != log.epoch || page.top < position.offset {
                join(request, by: log, [], .reset)
            } else if log.delivered < position.offset {
                early.append(request)
            } else {
                admit(request)
            }
        } catch {
            request.answer(.refused(Refusal(error)))
            // It may have been what an idle check waited for.
            watchForIdleness()
        }
    }

    func readPage(
        for request: JoinRequest, after cursor: UInt64, _ verdict: Resume
    ) async {
        do {
            let page = try await broker.read(
                name, after: cursor, atMost: Self.pageMax, keeping: policy.retention)
            guard case .live(var log) = state, log.epoch == page.epoch else {
                // The stream was found to have changed while we read: plan anew.
                return admit(request)
            }
            log.raise(floor: page.floor)
            state = .live(log)
            // What is stored but not announced yet will come by announcement.
            let known = page.publications.prefix { $0.offset <= log.delivered }
            let isWhole = known.first?.offset == cursor + 1 || request.takesWhatIsLeft
            let reached = known.last?.offset ?? log.delivered
            request.answer(
                .page(
                    known.map(policy.rendered),
                    cursor: Position(epoch: log.epoch, offset: reached),
                    isWhole ? verdict : .gap))
        } catch {
            request.answer(.refused(Refusal(error)))
            // It may have been what an idle check waited for.
            watchForIdleness()
        }
    }

    /// Takes back one admission of a user.
    nonisolated func leave(
        from outlet: any Outlet, _ user: UserID, _ departure: Occupancy.Departure = .withGrace
    ) {
        enter { $0.remove(outlet.index, user, departure) }
    }

    func remove(_ outlet: Int, _ user: UserID, _ departure: Occupancy.Departure) {
        activity &+= 1
        members[outlet] -= 1
        precondition(members[outlet] >= 0, "a member leaves a room once")
        countOut(user, departure)
        watchForIdleness()
    }
}
