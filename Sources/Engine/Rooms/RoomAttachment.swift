import Synchronization

/// How a room gets hold of its stream, and gives it up.
extension Room {
    // MARK: Attaching

    func attach(first work: Work) {
        attachment += 1
        state = .attaching(waiting: [work])
        Task { await attach() }
    }

    func attach() async {
        let outcome: Result<StreamPage, BrokerError>
        do {
            outcome = .success(
                try await broker.attach(
                    RoomEar(room: self, attachment: attachment), to: name, keeping: policy.retention
                ))
        } catch {
            outcome = .failure(error)
        }
        guard case .attaching(let waiting) = state else { return }
        switch outcome {
        case .success(let page):
            state = .live(RoomLog(page))
            joinWatch()
            for work in waiting { perform(work) }
            watchForIdleness()
        case .failure(let error):
            state = .fresh
            for work in waiting { refuse(work, error) }
            watchForIdleness()
        }
    }

    func perform(_ work: Work) {
        switch work {
        case .publish(let draft, let reply): append(draft, reply)
        case .join(let request): admit(request)
        case .announced(let publications, let epoch, let attachment):
            accept(publications, epoch, attachment: attachment)
        }
    }

    /// Never inlined: where the compiler sees that `append` itself may call its reply, it makes the
    /// closure a second time for every publish.
    @inline(never)
    func refuse(_ work: Work, _ error: BrokerError) {
        switch work {
        case .publish(_, let reply): reply(.failure(error))
        case .join(let request): request.answer(.refused(Refusal(error)))
        case .announced: break
        }
    }

    /// Sends the members away to resume, since the stream they followed is not the one there is.
    func restart(waiting: [JoinRequest]) {
        broker.detach(name)
        state = .fresh
        forgetMemory()
        for outlet in rooms.outlets where members[outlet.index] > 0 {
            outlet.interrupt(key)
        }
        for request in waiting { admit(request) }
        admitEarly()
        watchForIdleness()
    }

    /// Lets everybody in the room ask anew whether they may be.
    public nonisolated func verifyMembers() {
        enter { room in
            for outlet in room.rooms.outlets where room.members[outlet.index] > 0 {
                outlet.verify(room.key)
            }
        }
    }

    // MARK: Idleness

    func watchForIdleness() {
        guard !isWatched, members.allSatisfy({ $0 == 0 }) else { return }
        isWatched = true
        let seen = activity
        loop.schedule(afterMs: Self.idleMs) { [weak self] in
            self?.assumeIsolated { $0.closeIfIdle(since: seen) }
        }
    }

    func closeIfIdle(since seen: UInt64) {
        isWatched = false
        switch state {
        case .live, .fresh: break
        case .repairing(let repair):
            // Nobody is left to repair it for, once the log has failed to answer.
            guard !repair.isReading, repair.waiting.isEmpty else { return }
        case .attaching, .closed: return
        }
        guard early.isEmpty, members.allSatisfy({ $0 == 0 }), occupancy.isEmpty, typing.isEmpty
        else { return }
        guard activity == seen else { return watchForIdleness() }
        switch state {
        case .live, .repairing: broker.detach(name)
        case .fresh, .attaching, .closed: break
        }
        state = .closed
        forgetMemory()
        closedFlag.store(true, ordering: .relaxed)
        rooms.remove(self)
    }
}
