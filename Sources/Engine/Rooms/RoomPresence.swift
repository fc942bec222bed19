/// Who is in a room through this node, and who types there. Rooms without a stream of events know
/// neither.
extension Room {
    /// What members of an ephemeral room receive where events were lost on the way here: sent by the
    /// server, without a body, in the place of the last of them.
    public static let missedContentType = "events/missed"

    // MARK: Coming and going

    func countIn(_ member: Member) {
        guard let events = policy.presence, occupancy.enter(member) == .news else { return }
        broker.enter(member, events)
    }

    /// Takes note of a member's new name.
    nonisolated func rename(_ member: Member) {
        enter { room in
            guard let events = room.policy.presence, room.occupancy.rename(member) == .news
            else { return }
            room.broker.enter(member, events)
        }
    }

    func countOut(_ user: UserID, _ departure: Occupancy.Departure) {
        guard let events = policy.presence else { return }
        switch occupancy.leave(user, departure) {
        case .stays:
            return
        case .gone:
            broker.leave(user, events)
        case .absent(let absence):
            loop.schedule(afterMs: rooms.presenceGraceMs) { [weak self] in
                self?.assumeIsolated { $0.end(absence) }
            }
        }
        carryOut(typing.stop(user))
    }

    /// A room with somebody absent doesn't close, so the claim is this room's to end.
    private func end(_ absence: Occupancy.Absence) {
        guard let events = policy.presence, occupancy.end(absence) == .gone else { return }
        broker.leave(absence.user, events)
        watchForIdleness()
    }

    // MARK: Typing

    /// Takes note that somebody types here, or stopped, and lets the others know as far as that is
    /// news.
    public nonisolated func type(_ isTyping: Bool, by member: Member) {
        enter { $0.note(isTyping, by: member) }
    }

    private func note(_ isTyping: Bool, by member: Member) {
        if case .closed = state {
            // Where no room may be opened, nobody is told until it is said again.
            try? rooms.room(named: name, policy: policy).type(isTyping, by: member)
            return
        }
        guard policy.presence != nil else { return }
        activity &+= 1
        carryOut(
            isTyping ? typing.type(member, nowMs: loop.nowMs) : typing.stop(member.user))
        watchForIdleness()
    }

    func carryOut(_ outcome: TypingBoard.Outcome) {
        if let events = policy.presence, let announcement = outcome.announcement {
            let draft = Draft(
                sender: announcement.member.user, senderName: announcement.member.name,
                contentType: announcement.change.contentType, body: [], timestampMs: rooms.now())
            // One that the broker can't take is made up for by the next, or by time.
            broker.append(draft, to: events, keeping: .nothing) { _ in }
        }
        if let check = outcome.check {
            loop.schedule(afterMs: check.afterMs) { [weak self] in
                self?.assumeIsolated { $0.look(check) }
            }
        }
    }

    private func look(_ check: TypingBoard.Check) {
        carryOut(typing.look(check, nowMs: loop.nowMs))
        watchForIdleness()
    }
}
