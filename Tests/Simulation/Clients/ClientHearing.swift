import Engine

/// What a client does about what it is told.
extension Client {
    func receive(_ frame: Frame, over line: ClientLine) {
        guard line === self.line else { return }
        switch frame {
        case .message(let publication, let wire):
            view(wire.id)?.message(publication, wire)
        case .farewell(let refusal):
            if refusal.code == .tooSlow { world.counts.count(.tooSlow) }
            if refusal.code == .goingAway { world.counts.count(.interrupted) }
        case .event(let event):
            receive(event, over: line)
        }
    }

    private func receive(_ event: SessionEvent, over line: ClientLine) {
        switch event {
        case .replay(let publications, let wire):
            view(wire.id)?.replay(publications, wire)
        case .subscribed(let receipt, let position, let verdict):
            // A client that has left meanwhile does not care.
            if let view = view(receipt), view.state != .leaving {
                view.subscribed(at: position, verdict)
                if !view.isWanted { leave(view) }
            }
        case .published(let receipt, _):
            settle(receipt)
        case .receipt(let id):
            acknowledge(id)
        case .refused(let refusal, let receipt, _):
            refused(refusal, receipt)
        case .withdrawn(let id, _, _, _):
            world.judge.accuse("client \(number) lost \(id) though it may have it")
        case .disconnected:
            break
        case .readable:
            preconditionFailure("the outlet keeps this to itself")
        }
    }

    private func view(_ id: String) -> RoomView? {
        views.first { $0.id == id }
    }

    private func acknowledge(_ id: String) {
        guard let view = views.first(where: { id == "left \($0.id)" }) else { return }
        view.state = .idle
        if view.isWanted { enter(view) }
    }

    private func refused(_ refusal: Refusal, _ receipt: String?) {
        world.counts.count(.refusal)
        let delayMs = refusal.retryAfterMs ?? 1_000
        guard let receipt else { return }
        if let view = view(receipt) {
            // While it leaves, the answer to that is still to come.
            guard view.state == .joining else { return }
            view.state = .idle
            enterLater(view, delayMs)
        } else {
            retry(receipt, afterMs: delayMs)
        }
    }
}
