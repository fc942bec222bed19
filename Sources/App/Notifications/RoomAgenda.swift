import Engine

/// Which chat rooms' members are to be told of messages, and when: soon after a message, and again
/// while more is said, at growing intervals. A look at a large room takes longer, and lets it rest for
/// longer, so that no room takes more than a tenth of a thread.
struct RoomAgenda {
    /// From the first message to the look, and the shortest rest after one, in milliseconds.
    static let restMinMs: Int64 = 350
    /// The longest rest of a room where more and more is said, unless looks take long.
    static let restMaxMs: Int64 = 2_800
    /// How much longer than a look the rest after it is.
    private static let restFactor: Int64 = 9
    /// After a look that failed.
    private static let retryMs: Int64 = 1_000
    /// Rooms that are remembered; what is said in others is found later, by `UnsettledRooms`.
    private static let roomsMax = 65_536

    private enum State: Hashable {
        /// To be looked at for what was said; the rest after it is as long.
        case due(atMs: Int64, restMs: Int64)
        /// Somebody looks at it.
        case looking(restMs: Int64, hasNews: Bool)
        /// Nothing was said since the last look.
        case resting(untilMs: Int64, restMs: Int64)
    }

    private struct Entry {
        var state: State
        /// When the room is to be looked at for those who were there, and up to where it is settled
        /// then.
        var again: (atMs: Int64, position: Position)?
    }

    private var entries: [ChatID: Entry] = [:]
    /// How long somebody who has left counts as there, and a little more, in milliseconds.
    private let graceMs: Int64

    init(graceMs: Int64) {
        self.graceMs = graceMs
    }

    var isEmpty: Bool { entries.isEmpty }

    /// Something was said in a room.
    mutating func said(in chat: ChatID, nowMs: Int64) {
        guard var entry = entries[chat] else {
            guard entries.count < Self.roomsMax else { return }
            let state = State.due(atMs: nowMs + Self.restMinMs, restMs: Self.restMinMs)
            entries[chat] = Entry(state: state, again: nil)
            return
        }
        switch entry.state {
        case .due: return
        case .looking(let restMs, _): entry.state = .looking(restMs: restMs, hasNews: true)
        case .resting(let untilMs, let restMs):
            // The first after a silence is told as soon as any.
            entry.state =
                untilMs > nowMs
                ? .due(atMs: untilMs, restMs: min(2 * restMs, Self.restMaxMs))
                : .due(atMs: nowMs + Self.restMinMs, restMs: Self.restMinMs)
        }
        entries[chat] = entry
    }

    /// The rooms that are to be looked at now. Forgets those that have rested.
    mutating func takeDue(nowMs: Int64) -> [ChatID] {
        var due: [ChatID] = []
        for (chat, entry) in entries {
            let isAgain = entry.again.map { $0.atMs <= nowMs } ?? false
            switch entry.state {
            case .due(let atMs, let restMs) where atMs <= nowMs || isAgain:
                entries[chat]?.state = .looking(restMs: restMs, hasNews: false)
                due.append(chat)
            case .resting(let untilMs, let restMs) where untilMs <= nowMs:
                if isAgain {
                    entries[chat]?.state = .looking(restMs: restMs, hasNews: false)
                    due.append(chat)
                } else if entry.again == nil {
                    entries[chat] = nil
                }
            case .due, .looking, .resting: break
            }
        }
        return due
    }

    /// A look at a room that was due has ended, after so many milliseconds; nil: it failed. Returns up
    /// to where the room is settled now: nobody needs to look at what was said until there any more.
    mutating func looked(
        at chat: ChatID, _ outcome: MessageNotices.Outcome?, tookMs: Int64, nowMs: Int64
    ) -> Position? {
        guard var entry = entries[chat], case .looking(let restMs, let hasNews) = entry.state else {
            return nil
        }
        defer { entries[chat] = entry }
        guard let outcome else {
            entry.state = .due(atMs: nowMs + Self.retryMs, restMs: Self.restMinMs)
            return nil
        }
        let untilMs = nowMs + max(restMs, Self.restFactor * tookMs)
        entry.state =
            hasNews
            ? .due(atMs: untilMs, restMs: min(2 * restMs, Self.restMaxMs))
            : .resting(untilMs: untilMs, restMs: restMs)
        guard outcome.hasSparedSome else {
            entry.again = nil
            return outcome.position
        }
        guard let again = entry.again else {
            entry.again = (nowMs + graceMs, outcome.position)
            return nil
        }
        guard again.atMs <= nowMs else { return nil }
        // Those who are there still had it open all the time.
        entry.again =
            again.position == outcome.position ? nil : (nowMs + graceMs, outcome.position)
        return again.position
    }

    /// There is no such room any more, or nothing to be told there.
    mutating func forget(_ chat: ChatID) { entries[chat] = nil }
}
