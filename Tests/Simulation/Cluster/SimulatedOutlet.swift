import Engine

/// The connections of one loop, kept as a reactor keeps them: requests are handed over while the
/// session is ready, frames wait in an outbox with a bound and leave in the end of the tick.
actor SimulatedOutlet {
    private struct Member: Equatable {
        let slot: UInt32
        let subscription: SubscriptionWire
    }

    nonisolated let index: Int
    nonisolated let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let mailbox: Mailbox
    private let mutant: Mutant?
    private var members: [RoomKey: [Member]] = [:]
    private var connections: [UInt32: ServerConnection] = [:]
    private var dirty: [ServerConnection] = []
    /// The connection whose requests are being handed over.
    private var taking: ServerConnection?

    /// As in a reactor: above it, history waits, below half of it, it goes on.
    private static let congestedBytes = 128 * 1024
    private static let drainedBytes = 32 * 1024
    /// Beyond it the reader is too slow. More than a page and what a room remembers.
    private static let outboxBytesMax = 512 * 1024

    init(index: Int, loop: any Loop, mailbox: Mailbox, mutant: Mutant?) {
        self.index = index
        self.loop = loop
        self.mailbox = mailbox
        self.mutant = mutant
    }

    // MARK: What the network brings

    /// Takes in a new connection of somebody who has signed in.
    func open(_ slot: UInt32, _ identity: Identity, in community: Community, windowBytes: Int?) {
        let endpoint = Endpoint(slot: slot, generation: 1)
        let session = Session(
            identity: identity, endpoint: endpoint, outlet: self, community: community)
        connections[slot] = ServerConnection(
            endpoint: endpoint, session: session, windowBytes: windowBytes)
    }

    /// Takes in a request.
    func receive(_ request: Request, at slot: UInt32) {
        guard let connection = connections[slot], connection.phase == .open else { return }
        connection.inbox.append(request)
        advance(connection)
    }

    /// Takes note that the client has read so many bytes.
    func taken(_ byteCount: Int, at slot: UInt32) {
        guard let connection = connections[slot], let window = connection.windowBytes else {
            return
        }
        connection.windowBytes = window + byteCount
        flush(connection)
    }

    /// The connection is broken.
    func close(_ slot: UInt32) {
        guard let connection = connections[slot] else { return }
        connection.session.assumeIsolated { $0.end() }
        connections[slot] = nil
        mailbox.post(.closed(slot: slot))
    }

    /// Closes everything, as the end of the process does.
    func closeAll() {
        for slot in connections.keys.sorted() { close(slot) }
    }

    private func advance(_ connection: ServerConnection) {
        guard taking !== connection else { return }
        let before = exchange(&taking, with: connection)
        while !connection.inbox.isEmpty, connection.phase == .open,
            connection.session.onLoop.isReady
        {
            let request = connection.inbox.removeFirst()
            connection.session.assumeIsolated { request.perform(in: $0) }
        }
        taking = before
    }

    // MARK: What leaves

    private func write(_ frame: Frame, to connection: ServerConnection) {
        guard connection.phase == .open else { return }
        connection.outbox.append(frame)
        connection.outboxBytes += frame.byteCount
        if connection.outboxBytes > Self.congestedBytes { connection.isCongested = true }
        markDirty(connection)
    }

    private func markDirty(_ connection: ServerConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        if dirty.isEmpty { loop.post { self.assumeIsolated { $0.flushAll() } } }
        dirty.append(connection)
    }

    private func flushAll() {
        for connection in exchange(&dirty, with: []) { flush(connection) }
    }

    private func flush(_ connection: ServerConnection) {
        connection.isDirty = false
        let slot = connection.endpoint.slot
        guard connections[slot] === connection else { return }
        let frames = connection.takeSendable()
        if !frames.isEmpty { mailbox.post(.frames(frames, slot: slot)) }
        switch connection.phase {
        case .open:
            if connection.outboxBytes > Self.outboxBytesMax {
                guard mutant != .hasNoOutboxBound else {
                    return mailbox.post(.overflow(connection.outboxBytes, slot: slot))
                }
                let words = "too much waits to be read; resume from your position"
                return finish(connection, Refusal(.tooSlow, words))
            }
            if connection.isCongested, connection.outboxBytes < Self.drainedBytes {
                connection.isCongested = false
                connection.session.assumeIsolated { $0.drained() }
            }
        case .finishing:
            guard connection.outbox.isEmpty else { return }
            connections[slot] = nil
            mailbox.post(.closed(slot: slot))
        }
    }

    /// Says goodbye, and closes the connection once that was taken.
    private func finish(_ connection: ServerConnection, _ refusal: Refusal?) {
        if let refusal { write(.farewell(refusal), to: connection) }
        connection.phase = .finishing
        connection.session.assumeIsolated { $0.end() }
        markDirty(connection)
    }

    // MARK: What the verdict asks

    /// Connections, and subscriptions of rooms.
    var leftovers: (connections: Int, members: Int) {
        (connections.count, members.reduce(0) { $0 + $1.value.count })
    }
}

// MARK: What the engine asks

extension SimulatedOutlet: @preconcurrency Outlet {
    nonisolated func deliver(_ publications: [Publication], in room: RoomKey) {
        loop.post { self.assumeIsolated { $0.fanOut(publications, in: room) } }
    }

    private func fanOut(_ publications: [Publication], in room: RoomKey) {
        for member in members[room, default: []] {
            guard let connection = connections[member.slot] else { continue }
            for publication in publications {
                let frame = Frame.message(publication, member.subscription)
                if mutant == .fansOutByMember {
                    Task { await writeLater(frame, to: member.slot) }
                } else {
                    write(frame, to: connection)
                }
            }
        }
    }

    /// The mutant's way to a member: by way of the pool, where nothing keeps order.
    private func writeLater(_ frame: Frame, to slot: UInt32) async {
        await withCheckedContinuation { $0.resume() }
        await Self.elsewhere()
        if let connection = connections[slot] { write(frame, to: connection) }
    }

    @concurrent private static func elsewhere() async {}

    nonisolated func interrupt(_ room: RoomKey) {
        loop.post { self.assumeIsolated { $0.sendAway(room) } }
    }

    nonisolated func verify(_ room: RoomKey) {
        loop.post { self.assumeIsolated { $0.verifyMembers(of: room) } }
    }

    private func verifyMembers(of room: RoomKey) {
        for member in members[room, default: []] {
            connections[member.slot]?.session.assumeIsolated { $0.verifyAnew() }
        }
    }

    private func sendAway(_ room: RoomKey) {
        for member in members[room, default: []] {
            guard let connection = connections[member.slot] else { continue }
            finish(connection, Refusal(.goingAway, "the room starts anew", retryAfterMs: 500))
        }
    }

    func join(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) -> SubscriptionWire {
        let others = members[room, default: []]
        let shared = others.first { $0.subscription == subscription }?.subscription ?? subscription
        members[room, default: []].append(Member(slot: endpoint.slot, subscription: shared))
        return shared
    }

    func leave(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint) {
        let member = Member(slot: endpoint.slot, subscription: subscription)
        guard let place = members[room]?.firstIndex(of: member) else {
            preconditionFailure("who leaves has joined")
        }
        members[room]?.remove(at: place)
        if members[room]?.isEmpty ?? false { members[room] = nil }
    }

    func isCongested(_ endpoint: Endpoint) -> Bool {
        connections[endpoint.slot]?.isCongested ?? false
    }

    /// The loops of a simulated process end with it, and not with their connections.
    func hold() {}

    func release() {}

    func send(_ event: SessionEvent, to endpoint: Endpoint) {
        guard let connection = connections[endpoint.slot] else { return }
        switch event {
        case .readable:
            advance(connection)
        case .receipt, .published, .subscribed, .replay, .refused(_, _, .some),
            .withdrawn(_, _, _, .some):
            write(.event(event), to: connection)
        case .refused(let refusal, _, nil), .withdrawn(_, _, let refusal, nil):
            finish(connection, refusal)
        case .disconnected:
            write(.event(event), to: connection)
            finish(connection, nil)
        }
    }
}
