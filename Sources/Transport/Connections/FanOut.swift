import Engine

/// The reactor's half of the rooms: what the engine's rooms and sessions ask of it.
extension Reactor: Outlet {
    public nonisolated var loop: any Loop { eventLoop }

    public nonisolated func deliver(_ publications: [Publication], in room: RoomKey) {
        eventLoop.post { self.assumeIsolated { $0.fanOut(publications, in: room) } }
    }

    public nonisolated func interrupt(_ room: RoomKey) {
        eventLoop.post { self.assumeIsolated { $0.sendAway(room) } }
    }

    public nonisolated func join(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) {
        assumeIsolated { reactor in
            guard let connection = reactor.connection(at: endpoint) else { return }
            let audience = reactor.audiences[room] ?? Audience()
            reactor.flush(audience)
            // Writing may have found this connection broken, or the audience's last member.
            guard reactor.connection(at: endpoint) != nil else { return }
            reactor.audiences[room] = audience
            audience.add(endpoint.slot, form: connection.form(of: subscription))
        }
    }

    public nonisolated func leave(
        _ room: RoomKey, _ subscription: SubscriptionWire, endpoint: Endpoint
    ) {
        assumeIsolated { reactor in
            guard let audience = reactor.audiences[room],
                let form = reactor.connection(at: endpoint)?.form(of: subscription)
            else { return }
            reactor.flush(audience)
            audience.remove(endpoint.slot, form: form)
            if audience.groups.isEmpty { reactor.audiences[room] = nil }
        }
    }

    public nonisolated func isCongested(_ endpoint: Endpoint) -> Bool {
        assumeIsolated { $0.connection(at: endpoint)?.isCongested ?? false }
    }

    public nonisolated func send(_ event: SessionEvent, to endpoint: Endpoint) {
        assumeIsolated { reactor in
            guard let connection = reactor.connection(at: endpoint) else { return }
            connection.conversation.tell(event, over: connection, on: reactor)
        }
    }
}

extension Reactor {
    /// Encodes the publications once per group of the room's audience here.
    private func fanOut(_ publications: [Publication], in room: RoomKey) {
        guard let audience = audiences[room] else { return }
        for index in audience.groups.indices {
            let form = audience.groups[index].form
            for publication in publications {
                frames.append(form.framing, to: &audience.groups[index].batch) {
                    STOMPEncoder.message(publication, form, into: &$0)
                }
            }
        }
        if !audience.isDirty {
            audience.isDirty = true
            dirtyAudiences.append(audience)
        }
    }

    /// Writes what the tick's publications have become to their members.
    func flushAudiences() {
        guard !dirtyAudiences.isEmpty else { return }
        let audiences = dirtyAudiences
        dirtyAudiences.removeAll(keepingCapacity: true)
        let isAlone = audiences.count == 1 && audiences[0].groups.count == 1
        if !isAlone { countDirtyGroups(audiences) }
        for audience in audiences { write(audience) }
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
        var broken: [UInt32] = []
        for index in audience.groups.indices {
            let batch = audience.groups[index].batch
            guard !batch.isEmpty else { continue }
            audience.groups[index].batch.removeAll()
            for member in audience.groups[index].members {
                write(batch, to: member, broken: &broken)
            }
        }
        for slot in broken {
            if let connection = slots[Int(slot)].connection { close(connection) }
        }
    }

    private func write(_ batch: [UInt8], to member: UInt32, broken: inout [UInt32]) {
        let slot = Int(member)
        let groupCount = slots[slot].dirtyGroupCount
        slots[slot].dirtyGroupCount = 0
        guard !slots[slot].hasPending, groupCount <= 1 else {
            if let connection = slots[slot].connection { send(batch[...], to: connection) }
            return
        }
        switch Socket.send(slots[slot].descriptor, batch) {
        case .bytes(batch.count):
            slots[slot].lastSentMs = nowMs
        case .bytes(let count):
            if let connection = slots[slot].connection { send(batch[count...], to: connection) }
        case .wouldBlock:
            if let connection = slots[slot].connection { send(batch[...], to: connection) }
        case .end, .failed:
            broken.append(member)
        }
    }

    /// Ends the sessions of a room whose stream was lost: they come back by resuming.
    private func sendAway(_ room: RoomKey) {
        guard let audience = audiences[room] else { return }
        flush(audience)
        for slot in audience.groups.flatMap(\.members) {
            guard let connection = slots[Int(slot)].connection else { continue }
            connection.conversation.goAway(over: connection, on: self)
        }
    }
}
