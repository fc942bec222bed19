import Engine

/// What a client does of its own accord, as the dice have it.
extension Client {
    /// Does something now and then, as long as it is active.
    func act() {
        world.timeline.after(dice.within(habits.pauseMs)) { [self] in
            guard isActive else { return keepAsking() }
            askMembers()
            actOnce()
            act()
        }
    }

    /// Does no more than a client does of itself.
    private func keepAsking() {
        guard !isGone else { return }
        askMembers()
        world.timeline.after(500) { [self] in keepAsking() }
    }

    private func actOnce() {
        world.actionCount += 1
        switch dice.below(100) {
        case ..<48: publishSome(1, paddingBytes: dice.oneIn(6) ? dice.below(3_000) : 0)
        case ..<52: publishSome(dice.below(20), paddingBytes: 0)
        case ..<53: publishSome(60, paddingBytes: 12_000)
        case ..<57: publishTogether()
        case ..<70: enterSome()
        case ..<76: leaveSome()
        case ..<78: views[dice.below(views.count)].save()
        case ..<80: comeAnew()
        case ..<82: sayGoodbye()
        default: break
        }
    }

    private func publishSome(_ count: Int, paddingBytes: Int) {
        let room = dice.pick(RoomSpec.talked)
        for _ in 0..<count {
            publish(in: room, paddingBytes: paddingBytes, hasKey: !dice.oneIn(10))
        }
        sendOutgoing()
    }

    private func publishTogether() {
        guard case .connected = phase else { return }
        sendOutgoing()
        for _ in 0..<dice.below(5) { publish(in: dice.pick(RoomSpec.talked)) }
        sendTransaction()
    }

    private func enterSome() {
        guard !isNapping else { return }
        let view = dice.pick(views)
        view.isWanted = true
        enter(view)
    }

    private func leaveSome() {
        let view = dice.pick(views)
        view.isWanted = false
        leave(view)
    }

    /// Leaves a room, and comes back as somebody new.
    private func comeAnew() {
        let view = dice.pick(views)
        guard view.state == .idle else { return leaveSome() }
        view.forget()
    }

    /// Leaves in order; comes back a while later.
    private func sayGoodbye() {
        guard case .connected(let line) = phase else { return }
        phase = .leaving(line)
        line.send(.disconnect(receipt: "goodbye"))
    }

    // MARK: What may befall it

    /// The process dies with what it had not saved, and is started again.
    func crash() {
        guard !isGone else { return }
        lose(noticedAfterMs: dice.within(0...50))
        for view in views { view.crash() }
        dialLater(dice.within(0...2_000))
    }

    /// The connection breaks; the node hears of it or, now and then, does not for long.
    func breakLine(noticedAfterMs delayMs: Int64) {
        guard !isGone, line != nil else { return }
        lose(noticedAfterMs: delayMs)
        dialLater(dice.within(0...1_000))
    }

    var isGone: Bool {
        if case .gone = phase { true } else { false }
    }

    /// Leaves all rooms for a while; may still publish.
    func nap(forMs durationMs: Int64) {
        let wanted = views.filter(\.isWanted)
        for view in wanted {
            view.isWanted = false
            leave(view)
        }
        isNapping = true
        world.timeline.after(durationMs) { [self] in
            isNapping = false
            for view in wanted {
                view.isWanted = true
                enter(view)
            }
        }
    }

    // MARK: Coming to rest

    /// Stops doing things, but stays.
    func rest() {
        isActive = false
    }

    /// Leaves for good: in order where it is connected.
    func depart() {
        isDeparting = true
        guard case .connected(let line) = phase else { return leaveForGood() }
        phase = .leaving(line)
        line.send(.disconnect(receipt: "goodbye"))
    }

    /// What must be true once everything has come to rest.
    func judgeRest() {
        guard case .connected = phase else {
            return world.judge.accuse("client \(number) is not connected: \(phase)")
        }
        if let first = outgoing.first {
            world.judge.accuse(
                "client \(number) has \(outgoing.count) publishes without an answer, \(first.name) first"
            )
        }
        for view in views { view.judgeRest() }
    }
}
