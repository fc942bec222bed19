import Engine

/// Who is in a room, as a client makes it out: a list that is true for a position of the room's
/// events, and the later events applied to it. Judges both.
final class PresenceView {
    enum Knowledge {
        /// Has to ask.
        case unknown
        /// Waits for the list; keeps the events that come meanwhile.
        case asking(Int, [Publication])
        /// By their numbers, and up to which of the events that was true at first.
        case known([UserID], since: UInt64)
    }

    private(set) var knowledge = Knowledge.unknown
    private let judge: Judge
    private let owner: String
    private var epoch = Epoch(rawValue: 0)
    /// What was heard of each user last, since something was missed.
    private var last: [UserID: PresenceChange] = [:]

    init(of owner: String, judge: Judge) {
        self.owner = owner
        self.judge = judge
    }

    /// Something was missed, or may have been: the list is worth nothing any more.
    func forget() {
        knowledge = .unknown
        last = [:]
    }

    /// Asks for the list, under a number.
    func ask(_ request: Int, epoch: Epoch) {
        knowledge = .asking(request, [])
        self.epoch = epoch
    }

    func hear(_ event: Publication) {
        guard event.contentType != Room.missedContentType else { return forget() }
        guard let change = PresenceChange(contentType: event.contentType) else { return }
        if last.updateValue(change, forKey: event.sender) == change {
            judge.accuse("\(owner) is told twice that user \(event.sender) \(change)")
        }
        switch knowledge {
        case .unknown: break
        case .asking(let request, let events): knowledge = .asking(request, events + [event])
        case .known(var users, let offset):
            guard event.offset > offset else { return }
            apply(change, event, to: &users)
            knowledge = .known(users, since: offset)
        }
    }

    /// Takes in the list; where there is none, or none of this life of the events, it has to be asked
    /// for again.
    func take(_ attendance: Attendance?, _ request: Int) {
        guard case .asking(request, let events) = knowledge else { return }
        knowledge = .unknown
        guard let attendance, attendance.position.epoch == epoch else { return }
        var users = attendance.members.map(\.user)
        for event in events where event.offset > attendance.position.offset {
            guard let change = PresenceChange(contentType: event.contentType) else { continue }
            apply(change, event, to: &users)
        }
        knowledge = .known(users, since: attendance.position.offset)
    }

    private func apply(_ change: PresenceChange, _ event: Publication, to users: inout [UserID]) {
        let place = users.firstIndex { $0.rawValue >= event.sender.rawValue } ?? users.count
        let isThere = place < users.count && users[place] == event.sender
        switch change {
        case .joined where !isThere: users.insert(event.sender, at: place)
        case .left where isThere: users.remove(at: place)
        case .joined, .left:
            judge.accuse(
                "\(owner) is told at \(event.offset) that user \(event.sender) \(change), "
                    + (isThere ? "who is there" : "who is not there"))
        }
    }
}
