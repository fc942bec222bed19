import Engine

/// Somebody in front of a good client: it comes back after every loss, goes on from where it was, and
/// sends again what had no receipt, under the same key.
final class Client {
    enum Phase {
        /// Not connected; dials when it likes.
        case away
        case dialing
        case connected(ClientLine)
        /// Says goodbye and waits for the receipt.
        case leaving(ClientLine)
        /// Has left for good.
        case gone
    }

    let number: Int
    let identity: Identity
    let habits: Habits
    let world: World
    var phase = Phase.away
    var views: [RoomView]
    var outgoing: [Outgoing] = []
    var publishLast = 0
    var transactionLast = 0
    var lookLast = 0
    /// Whether the client does things of its own accord.
    var isActive = true
    /// Whether the client stays out of all rooms for now.
    var isNapping = false
    /// Whether the client does not come back when it has left.
    var isDeparting = false
    /// Counts connections, so that what was meant for an earlier one is known.
    var life = 0

    var dice: Dice { world.dice }

    init(_ number: Int, habits: Habits, in world: World) {
        self.number = number
        self.habits = habits
        self.world = world
        // Two clients each are devices of one user.
        let user = Int64(number / 2 + 1)
        identity = Identity(user: UserID(user), name: "user \(user)", role: .user)
        let judge = world.judge
        views = RoomSpec.all.map { RoomView($0, of: "client \(number)", judge: judge) }
        for view in views where world.dice.oneIn(2) { view.isWanted = true }
        dialLater(world.dice.within(0...200))
        act()
    }

    var line: ClientLine? {
        switch phase {
        case .connected(let line), .leaving(let line): line
        case .away, .dialing, .gone: nil
        }
    }

    /// How long it takes to read a kilobyte now; nil: no time. Nobody is slow for ever.
    var readMsPerKilobyte: Int64? {
        world.weather.isRaging ? habits.readMsPerKilobyte : nil
    }

    // MARK: Connecting

    func dialLater(_ delayMs: Int64) {
        phase = .away
        world.timeline.after(delayMs) { [self] in dial() }
    }

    private func dial() {
        guard case .away = phase else { return }
        phase = .dialing
        world.timeline.after(dice.within(world.weather.clientLatencyMs)) { [self] in
            guard case .dialing = phase else { return }
            guard let line = world.connect(self) else {
                return dialLater(dice.within(100...1_000))
            }
            life += 1
            phase = .connected(line)
            begin(line)
        }
    }

    /// Takes up what the client was about.
    private func begin(_ line: ClientLine) {
        if habits.hearsErrors {
            line.send(
                .subscribe(
                    SubscribeRequest(
                        id: "errors", destination: SimulatedDirectory.errors, start: .live,
                        receipt: nil)))
        }
        for view in views where view.isWanted { enter(view) }
        sendOutgoing()
    }

    /// The connection is gone, and the client knows.
    func lineEnded(_ line: ClientLine) {
        guard line === self.line else { return }
        if isDeparting { return leaveForGood() }
        lose(noticedAfterMs: 0)
        dialLater(dice.within(0...600))
    }

    /// Gives the connection up, if there is one.
    func lose(noticedAfterMs delayMs: Int64) {
        line?.abandon(noticedAfterMs: delayMs)
        phase = .away
        for view in views { view.disconnect() }
        for index in outgoing.indices { outgoing[index].isSent = false }
        // Without a key, sending it again could store it twice.
        outgoing.removeAll { !$0.hasKey }
    }

    func leaveForGood() {
        line?.abandon(noticedAfterMs: 0)
        phase = .gone
    }

    // MARK: Rooms

    /// Goes into a room: from where the client was, or by way of a page, or as it likes.
    func enter(_ view: RoomView) {
        guard let line, case .idle = view.state else { return }
        if view.position == nil, view.room.isKept, habits.takesSnapshots {
            lookLast += 1
            view.state = .looking(lookLast)
            return world.look(view.room, by: self, request: lookLast, at: line.node)
        }
        let other: JoinStart = dice.oneIn(2) ? .live : .last(dice.below(40))
        line.send(
            .subscribe(
                SubscribeRequest(
                    id: view.id, destination: view.room.destination,
                    start: view.join(orFrom: other), receipt: view.id)))
    }

    /// Takes in the page that was asked for; nil: it could not be had.
    func look(_ page: SnapshotPage?, request: Int) {
        guard let view = views.first(where: { $0.state == .looking(request) }) else { return }
        view.state = .idle
        guard view.isWanted else { return }
        guard let page else { return enterLater(view, 500) }
        world.counts.count(.snapshot)
        view.take(page)
        enter(view)
    }

    /// Asks who is in the rooms whose events the client follows, where it does not know.
    func askMembers() {
        guard case .connected(let line) = phase else { return }
        for view in views where view.state == .live {
            guard let presence = view.presence, case .unknown = presence.knowledge,
                let epoch = view.position?.epoch
            else { continue }
            lookLast += 1
            presence.ask(lookLast, epoch: epoch)
            world.askMembers(view.room, by: self, request: lookLast, at: line.node)
        }
    }

    func takeMembers(_ attendance: Attendance?, request: Int) {
        for view in views { view.presence?.take(attendance, request) }
    }

    func enterLater(_ view: RoomView, _ delayMs: Int64) {
        let life = life
        world.timeline.after(delayMs) { [self] in
            guard self.life == life, view.isWanted else { return }
            enter(view)
        }
    }

    func leave(_ view: RoomView) {
        guard let line, view.state == .live || view.state == .joining else { return }
        view.state = .leaving
        line.send(.unsubscribe(id: view.id, receipt: "left \(view.id)"))
    }

    // MARK: Publishing

    func publish(in room: RoomSpec, paddingBytes: Int = 0, hasKey: Bool = true) {
        publishLast += 1
        let name = "c\(number).\(publishLast)"
        let body = Outgoing.body(name, paddingBytes: paddingBytes)
        world.judge.intends(name, in: room, body)
        outgoing.append(Outgoing(room: room, body: body, name: name, hasKey: hasKey))
    }

    /// Sends what is not on its way yet, oldest first.
    func sendOutgoing() {
        guard case .connected(let line) = phase else { return }
        for index in outgoing.indices where !outgoing[index].isSent {
            outgoing[index].isSent = true
            outgoing[index].transaction = nil
            line.send(outgoing[index].request)
        }
    }

    /// Sends what is not on its way yet in one transaction.
    func sendTransaction() {
        guard case .connected(let line) = phase else { return }
        transactionLast += 1
        let name = "t\(transactionLast)"
        line.send(.begin(name))
        for index in outgoing.indices where !outgoing[index].isSent {
            outgoing[index].isSent = true
            outgoing[index].transaction = name
            line.send(outgoing[index].request)
        }
        line.send(.commit(name, receipt: "committed \(name)"))
    }

    func settle(_ receipt: String) {
        guard let index = outgoing.firstIndex(where: { $0.name == receipt }) else {
            return world.judge.accuse("client \(number) was answered \(receipt) again")
        }
        outgoing.remove(at: index)
    }

    /// Tries again what was refused, if it may.
    func retry(_ receipt: String, afterMs delayMs: Int64) {
        guard let index = outgoing.firstIndex(where: { $0.name == receipt }) else { return }
        guard outgoing[index].hasKey else {
            outgoing.remove(at: index)
            return
        }
        let life = life
        world.timeline.after(delayMs) { [self] in
            guard self.life == life,
                let index = outgoing.firstIndex(where: { $0.name == receipt })
            else { return }
            outgoing[index].isSent = false
            sendOutgoing()
        }
    }
}
