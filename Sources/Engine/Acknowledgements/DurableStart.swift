/// Where a durable subscription begins, as its stream stands now.
struct DurableStart: Hashable, Sendable {
    /// What counts as dealt with from here on; stored before the first message is sent.
    let acknowledgements: Acknowledgements
    /// What to ask of the room, which says whether anything is missing.
    let join: JoinStart

    /// Goes on from a stored state, with what it owes.
    init(resuming stored: Acknowledgements, in stream: StreamTop) {
        let position = Position(epoch: stored.epoch, offset: stored.cursor)
        join = .after(position)
        guard Self.knows(position, stream) else {
            acknowledgements = Acknowledgements(epoch: stream.epoch, cursor: stream.top)
            return
        }
        var kept = stored
        // What retention has dropped can't be owed any more.
        kept.acknowledge(upTo: stream.floor - 1)
        acknowledgements = kept
    }

    /// Starts as a subscriber asks for it, owing everything after that.
    init(from start: JoinStart, in stream: StreamTop) {
        let cursor: UInt64
        switch start {
        case .live:
            cursor = stream.top
        case .last(let count):
            cursor = stream.top > UInt64(count) ? stream.top - UInt64(count) : 0
        case .after(let position):
            cursor = Self.knows(position, stream) ? position.offset : stream.top
        }
        acknowledgements = Acknowledgements(
            epoch: stream.epoch, cursor: max(cursor, stream.floor - 1))
        if case .after = start {
            // The room judges the position that the client named.
            join = start
        } else {
            join = .after(Position(epoch: stream.epoch, offset: acknowledgements.cursor))
        }
    }

    private static func knows(_ position: Position, _ stream: StreamTop) -> Bool {
        position.epoch == stream.epoch && position.offset <= stream.top
    }
}
