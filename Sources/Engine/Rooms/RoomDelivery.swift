import Synchronization

/// How what a room hears reaches its members.
extension Room {
    func accept(_ publications: [Publication], _ epoch: Epoch, attachment: UInt64) {
        // What an earlier attachment heard may belong to a stream that was lost.
        guard attachment == self.attachment else { return }
        switch state {
        case .live(var log):
            // Emptied first so that the log's buffer has one owner while it grows.
            state = .closed
            if policy.isEphemeral, epoch == log.epoch, let first = publications.first {
                // Nobody is sent away for events that a later one makes up for.
                log.skip(to: first.offset - 1)
            }
            let acceptance = log.accept(rendered(publications, for: log), epoch: epoch)
            countMemory(of: &log)
            state = .live(log)
            switch acceptance {
            case .deliver(let news):
                deliver(news)
                admitEarly()
            case .gap:
                startRepair(of: log, upTo: publications.last?.offset ?? log.delivered)
            case .newEpoch:
                restart(waiting: [])
            }
        case .attaching(var waiting):
            state = .closed
            waiting.append(.announced(publications, epoch, attachment: attachment))
            state = .attaching(waiting: waiting)
        case .repairing(var repair):
            // Read back by the repair.
            let isToRead = repair.hear(upTo: publications.last?.offset ?? 0, epoch)
            state = .repairing(repair)
            if isToRead { Task { await readMissed() } }
        case .fresh, .closed:
            break
        }
    }

    func admitEarly() {
        guard !early.isEmpty else { return }
        for request in exchange(&early, with: []) { admit(request) }
    }

    /// Renders only what the log does not have yet.
    func rendered(_ publications: [Publication], for log: RoomLog) -> [Publication] {
        guard policy.render != nil else { return publications }
        return publications.map { $0.offset > log.delivered ? policy.rendered($0) : $0 }
    }

    func deliver(_ news: [Publication]) {
        guard let last = news.last else { return }
        handedOverOffset.store(last.offset, ordering: .relaxed)
        for outlet in rooms.outlets where members[outlet.index] > 0 {
            outlet.deliver(news, in: key)
        }
    }

    /// Reads the range between the last delivered publication and the last one heard of, once for
    /// all members, and delivers it in order. They stay while the log can't be reached, and are sent
    /// away only where it no longer has what they miss.
    func startRepair(of log: RoomLog, upTo goal: UInt64) {
        state = .repairing(RoomRepair(of: log, upTo: goal))
        Task { await readMissed() }
    }

    private func readMissed() async {
        while case .repairing(let repair) = state {
            let page: StreamPage
            do {
                page = try await broker.read(
                    name, after: repair.log.delivered, atMost: Self.pageMax,
                    keeping: policy.retention)
            } catch {
                return pauseRepair(error)
            }
            guard case .repairing(let repair) = state else { return }
            guard let repaired = fill(repair.log, from: page) else {
                return restart(waiting: repair.waiting)
            }
            if repaired.delivered >= max(page.top, repair.goal) {
                state = .live(repaired)
                for request in repair.waiting { admit(request) }
                admitEarly()
                // The check that came meanwhile has found the room busy.
                watchForIdleness()
            } else {
                state = .repairing(repair.advanced(to: repaired))
            }
        }
    }

    /// Tries again after a while, or as soon as something is heard of the stream.
    private func pauseRepair(_ error: BrokerError) {
        guard case .repairing(var repair) = state else { return }
        let pause = repair.pause()
        state = .repairing(repair)
        for request in pause.refused { request.answer(.refused(Refusal(error))) }
        loop.schedule(afterMs: pause.ms) { [weak self] in
            self?.assumeIsolated { $0.resumeRepair() }
        }
        watchForIdleness()
    }

    private func resumeRepair() {
        guard case .repairing(var repair) = state else { return }
        // The timer of a pause that was cut short may end a later one early: one read more.
        let isToRead = repair.resume()
        state = .repairing(repair)
        if isToRead { Task { await readMissed() } }
    }

    /// Delivers what a page adds; nil where it adds nothing though the stream is longer, or belongs
    /// to another life of it.
    func fill(_ log: RoomLog, from page: StreamPage) -> RoomLog? {
        var log = log
        switch log.accept(page.publications.map(policy.rendered), epoch: page.epoch) {
        case .deliver(let news) where !news.isEmpty:
            countMemory(of: &log)
            deliver(news)
            return log
        case .deliver, .gap, .newEpoch:
            return nil
        }
    }

    /// Counts what the log keeps in memory, after that changed. Where all rooms together keep too
    /// much it keeps nothing.
    func countMemory(of log: inout RoomLog) {
        let isBounded = rooms.countHeld(log.heldBytes - countedBytes)
        countedBytes = log.heldBytes
        guard !isBounded else { return }
        log.forgetRecent()
        forgetMemory()
    }

    /// Counts nothing, since the log is gone.
    func forgetMemory() {
        _ = rooms.countHeld(-countedBytes)
        countedBytes = 0
    }
}
