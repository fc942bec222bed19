/// A subscription's wish to join a room, and how far it has come.
struct JoinRequest: Sendable {
    enum Progress: Sendable {
        case starting(JoinStart)
        /// Has everything up to the cursor.
        case caughtUp(cursor: Position, Resume)
    }

    enum Answer: Sendable {
        /// Publications from history; ask again from the cursor when the client has taken them.
        case page([Publication], cursor: Position, Resume)
        /// A member from here on: the replay first, then what `Outlet.deliver` brings. `room` is the
        /// one to leave; it is not the one that was asked where that had closed meanwhile.
        case joined(replay: [Publication], position: Position, Resume, room: Room)
        case refused(Refusal)
    }

    let outlet: any Outlet
    let member: Member
    let progress: Progress
    /// Runs on the outlet's loop, after whatever the room posted there before.
    let receive: @Sendable (Answer) -> Void

    /// Whether history that retention has cut short is no gap: the client named no position.
    var takesWhatIsLeft: Bool {
        if case .starting(.last) = progress { true } else { false }
    }

    func answer(_ answer: Answer) {
        let receive = receive
        outlet.loop.post { receive(answer) }
    }
}
