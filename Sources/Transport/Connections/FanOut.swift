import Engine
import Synchronization

/// What posts to the reactor's loop run there; the runtime checks that they do.
protocol ReactorOnLoop: AnyObject, Sendable {
    /// Sends publications to every member the room has here.
    func fanOut(_ publications: [Publication], in room: RoomKey)

    /// Ends the sessions of a room whose stream was lost.
    func sendAway(_ room: RoomKey)

    /// Lets the sessions of a room ask anew what they may.
    func verifyMembers(of room: RoomKey)
}

/// The reactor's half of the rooms: what the engine's rooms and sessions ask of it. What is said to
/// be on the loop only is checked to be so by the runtime.
extension Reactor: @preconcurrency Outlet {
    public nonisolated var loop: any Loop { eventLoop }

    public nonisolated func deliver(_ publications: [Publication], in room: RoomKey) {
        let reactor: any ReactorOnLoop = self
        let bytes = Self.heldBytes(publications)
        undeliveredBytes.add(bytes, ordering: .relaxed)
        eventLoop.post {
            self.undeliveredBytes.subtract(bytes, ordering: .relaxed)
            reactor.fanOut(publications, in: room)
        }
    }

    public nonisolated var isFarBehind: Bool {
        undeliveredBytes.load(ordering: .relaxed) > Self.undeliveredBytesMax
    }

    /// What may wait in a loop's inbox to be delivered.
    static let undeliveredBytesMax = 64 * 1_024 * 1_024
    /// What a publication takes besides its body.
    static let publicationBytes = 256

    private nonisolated static func heldBytes(_ publications: [Publication]) -> Int {
        publications.reduce(0) { $0 + $1.body.count + publicationBytes }
    }

    public nonisolated func interrupt(_ room: RoomKey) {
        let reactor: any ReactorOnLoop = self
        eventLoop.post { reactor.sendAway(room) }
    }

    public nonisolated func verify(_ room: RoomKey) {
        let reactor: any ReactorOnLoop = self
        eventLoop.post { reactor.verifyMembers(of: room) }
    }

    @discardableResult
    public func join(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) -> SubscriptionWire {
        guard let connection = connection(at: endpoint) else { return subscription }
        let audience = audiences[room] ?? Audience(of: room)
        flush(audience)
        audiences[room] = audience
        return audience.add(endpoint.slot, form: connection.form(of: subscription)).subscription
    }

    public func leave(_ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint) {
        guard let audience = audiences[room],
            let form = connection(at: endpoint)?.form(of: subscription)
        else { return }
        flush(audience)
        connection(at: endpoint)?.backlog?.leave(room, subscription)
        audience.remove(endpoint.slot, form: form)
        if audience.groups.isEmpty { audiences[room] = nil }
    }

    public func isCongested(_ endpoint: Endpoint) -> Bool {
        connection(at: endpoint)?.isCongested ?? false
    }

    public func send(_ event: SessionEvent, to endpoint: Endpoint) {
        guard let connection = connection(at: endpoint) else { return }
        if case .readable = event {
            // Whoever has used up a turn goes on in its next one.
            if connection.isYielding { return }
            beginTurn()
        }
        connection.conversation.tell(event, over: connection, on: self)
        if case .readable = event { countInput(of: connection) }
    }

    public func hold() {
        holdCount += 1
    }

    public func release() {
        holdCount -= 1
        reportIfDone()
    }
}

extension Reactor: @preconcurrency ReactorOnLoop {
    /// Encodes the publications once per group of the room's audience here.
    func fanOut(_ publications: [Publication], in room: RoomKey) {
        guard let audience = audiences[room] else { return }
        if !audience.isDirty {
            audience.isDirty = true
            dirtyAudiences.append(audience)
            for index in audience.groups.indices {
                audience.groups[index].batch = newBatch()
            }
        }
        if room.isEphemeral { audience.news += publications }
        for publication in publications {
            let isText = publication.isText
            for index in audience.groups.indices {
                let template = audience.groups[index].template
                let framing = audience.groups[index].form.framing
                frames.append(framing, isText: isText, to: &audience.groups[index].batch) {
                    template.write(publication, into: &$0)
                }
            }
        }
    }

    /// Writes what the tick's publications have become to their members.
    func flushAudiences() {
        guard !dirtyAudiences.isEmpty else { return }
        var audiences = exchange(&dirtyAudiences, with: exchange(&spareDirtyAudiences, with: []))
        let isAlone = audiences.count == 1 && audiences[0].groups.count == 1
        if !isAlone { countDirtyGroups(audiences) }
        for audience in audiences { write(audience) }
        audiences.removeAll(keepingCapacity: true)
        spareDirtyAudiences = audiences
    }

    /// Does so for one room before its membership changes.
    private func flush(_ audience: Audience) {
        guard audience.isDirty else { return }
        countDirtyGroups([audience])
        write(audience)
    }

    /// A connection that several groups have something for is sent it in one piece, from its outbox.
    private func countDirtyGroups(_ audiences: [Audience]) {
        for audience in audiences where audience.isDirty {
            for group in audience.groups where !group.batch.isEmpty {
                for member in group.members { slots[Int(member)].dirtyGroupCount += 1 }
            }
        }
    }

    private func write(_ audience: Audience) {
        // Already written when its membership changed.
        guard audience.isDirty else { return }
        audience.isDirty = false
        let news = exchange(&audience.news, with: [])
        for index in audience.groups.indices {
            let batch = exchange(&audience.groups[index].batch, with: [])
            guard !batch.isEmpty else { continue }
            let rests = Self.send(
                batch, to: audience.groups[index].members, through: &slots, atMs: nowMs)
            for rest in rests {
                guard let connection = slots[Int(rest.slot)].connection else { continue }
                switch rest.sentCount {
                case 0? where audience.room.isEphemeral && connection.isBehind:
                    let subscription = audience.groups[index].form.subscription
                    join(news, of: audience.room, for: subscription, over: connection)
                case let sentCount?:
                    send(batch[sentCount...], to: connection)
                case nil:
                    brokenEndpoints.append(connection.endpoint)
                }
            }
            recycle(batch)
        }
    }

    /// Lets ephemeral events wait for a client that reads too slowly. What comes after them waits,
    /// too, or it would overtake them.
    private func join(
        _ news: [Publication], of room: RoomKey, for subscription: SubscriptionWire,
        over connection: Connection
    ) {
        guard case .open = connection.phase else { return }
        var backlog = connection.backlog.take() ?? Backlog()
        for publication in news { backlog.join(publication, of: room, for: subscription) }
        connection.backlog = backlog
        slots[Int(connection.endpoint.slot)].hasPending = true
    }

    /// Sends what waited: the kernel has taken everything else.
    func release(_ backlog: consuming Backlog, over connection: Connection) {
        backlog.release { publication, subscription in
            let template = PublicationTemplate(connection.form(of: subscription))
            sendFrame(to: connection, isText: publication.isText) {
                template.write(publication, into: &$0)
            }
        }
    }

    /// Closes the connections that were found broken while audiences were written. Not there: whose
    /// session is just leaving its rooms needs its place until it has left them all.
    func closeBroken() {
        while let endpoint = brokenEndpoints.popLast() {
            if let connection = connection(at: endpoint) { close(connection) }
        }
    }

    /// What the kernel did not take of a batch.
    private struct Rest {
        let slot: UInt32
        /// Bytes that were sent; nil where the connection is broken.
        let sentCount: Int?
    }

    /// Sends a batch to each member that has nothing else to be sent; the others come back. This is
    /// where nearly all of a server's time goes, into the kernel: so the loop touches one slot a
    /// member, and no object.
    private static func send(
        _ batch: [UInt8], to members: [UInt32], through slots: inout [Slot], atMs nowMs: Int64
    ) -> [Rest] {
        var rests: [Rest] = []
        for member in members {
            let slot = Int(member)
            let groupCount = exchange(&slots[slot].dirtyGroupCount, with: 0)
            guard !slots[slot].hasPending, groupCount <= 1 else {
                rests.append(Rest(slot: member, sentCount: 0))
                continue
            }
            switch Socket.send(slots[slot].descriptor, batch) {
            case .bytes(let count):
                slots[slot].lastSentMs = nowMs
                if count < batch.count { rests.append(Rest(slot: member, sentCount: count)) }
            case .wouldBlock:
                rests.append(Rest(slot: member, sentCount: 0))
            case .end, .failed:
                rests.append(Rest(slot: member, sentCount: nil))
            }
        }
        return rests
    }

    /// Keeps a batch's memory for a later one, where there is not much of it.
    private func recycle(_ batch: consuming [UInt8]) {
        guard spareBytes + batch.capacity <= Self.spareBytesMax else { return }
        spareBytes += batch.capacity
        batch.removeAll(keepingCapacity: true)
        spareBatches.append(batch)
    }

    private func newBatch() -> [UInt8] {
        guard let batch = spareBatches.popLast() else { return [] }
        spareBytes -= batch.capacity
        return batch
    }

    /// Of all spare batches together.
    private static let spareBytesMax = 1 << 20

    /// Ends the sessions of a room whose stream was lost: they come back by resuming.
    func sendAway(_ room: RoomKey) {
        guard let audience = audiences[room] else { return }
        flush(audience)
        let members = audience.groups.flatMap(\.members)
        // The room has members on other loops, about as many on each.
        let spread = ReconnectSpread(connectionCount: members.count * loopCount)
        for slot in members {
            guard let connection = slots[Int(slot)].connection else { continue }
            connection.conversation.goAway(
                reconnectAfterMs: spread.delayMs(), over: connection, on: self)
        }
    }
    func verifyMembers(of room: RoomKey) {
        guard let audience = audiences[room] else { return }
        for slot in audience.groups.flatMap(\.members) {
            guard let connection = slots[Int(slot)].connection else { continue }
            connection.conversation.verifyAnew(over: connection, on: self)
        }
    }
}
