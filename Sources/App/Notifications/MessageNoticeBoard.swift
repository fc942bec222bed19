import Engine
import Synchronization

/// Sees to it that members of chat rooms are told of messages, and that opening a room reads what they
/// were told: soon after, for a bounded part of the node's time.
///
/// What a node that ends has not told, `UnsettledRooms` finds: the store says up to where each room
/// is settled.
package final class MessageNoticeBoard: Sendable {
    private struct State {
        var agenda: RoomAgenda
        /// Rooms that are due, and that nobody looks at yet.
        var due: [ChatID] = []
        /// Who has opened which rooms since the last tick.
        var opened: Set<ReadCursorKey> = []
        /// Those that work, by their numbers.
        var work: [Int: Task<Void, Never>] = [:]
        var lookerCount = 0
        var workLast = 0
        /// Whether a tick is on its way: there is one as long as it has something to do.
        var isTickDue = false
        var hasEnded = false
    }

    private static let tickMs: Int64 = 100
    /// Rooms that are looked at at the same time: a look waits for the store most of its time.
    private static let lookersMax = 4
    /// Openings that are remembered until the next tick; those beyond leave notifications unread.
    private static let openedMax = 65_536
    private static let pieceSize = 64

    private let notices: MessageNotices
    private let notifications: Notifications
    private let schedule: ReadCursors.Schedule
    private let now: @Sendable () -> Int64
    private let state: Mutex<State>

    /// `graceMs` is how long somebody who has left a room counts as there.
    package init(
        _ notices: MessageNotices, _ notifications: Notifications, graceMs: Int64,
        now: @escaping @Sendable () -> Int64, schedule: @escaping ReadCursors.Schedule
    ) {
        self.notices = notices
        self.notifications = notifications
        self.now = now
        self.schedule = schedule
        // Whoever has left is gone by then on every node.
        state = Mutex(State(agenda: RoomAgenda(graceMs: graceMs + 1_000)))
    }

    // MARK: What happens

    /// Something was said in a room. On the path of every message.
    func said(in chat: ChatID) {
        let nowMs = now()
        let isFirst = state.withLock { state in
            state.agenda.said(in: chat, nowMs: nowMs)
            return Self.claimTick(&state)
        }
        if isFirst { scheduleTick() }
    }

    /// Somebody opens a room: what they were told of its messages is read.
    func opened(_ chat: ChatID, by user: UserID) {
        let isFirst = state.withLock { state in
            guard state.opened.count < Self.openedMax else { return false }
            state.opened.insert(ReadCursorKey(room: chat, user: user))
            return Self.claimTick(&state)
        }
        if isFirst { scheduleTick() }
    }

    /// Finishes what is under way.
    package func stop() async {
        let work = state.withLock { state in
            state.hasEnded = true
            state.due = []
            return Array(state.work.values)
        }
        for task in work { await task.value }
    }

    // MARK: Ticks

    /// Whether the caller is to schedule the next tick.
    private static func claimTick(_ state: inout State) -> Bool {
        defer { state.isTickDue = true }
        return !state.isTickDue
    }

    private func scheduleTick() {
        schedule(Self.tickMs) { [weak self] in self?.tick() }
    }

    private func tick() {
        let nowMs = now()
        let isNext = state.withLock { state in
            state.isTickDue = false
            guard !state.hasEnded else { return false }
            state.due += state.agenda.takeDue(nowMs: nowMs)
            for _ in 0..<min(Self.lookersMax - state.lookerCount, state.due.count) {
                state.lookerCount += 1
                begin(&state) { await self.look() }
            }
            if !state.opened.isEmpty {
                let opened = exchange(&state.opened, with: [])
                begin(&state) { await self.clear(Array(opened)) }
            }
            return !state.agenda.isEmpty && Self.claimTick(&state)
        }
        if isNext { scheduleTick() }
    }

    private func begin(_ state: inout State, _ work: @escaping @Sendable () async -> Void) {
        state.workLast += 1
        let number = state.workLast
        state.work[number] = Task {
            await work()
            self.state.withLock { $0.work[number] = nil }
        }
    }

    // MARK: Looking at rooms

    private func look() async {
        while let chat = takeDue() {
            let startMs = now()
            do throws(StoreError) {
                guard let outcome = try await notices.tell(membersOf: chat) else {
                    state.withLock { $0.agenda.forget(chat) }
                    continue
                }
                if let settled = looked(at: chat, outcome, since: startMs) {
                    try await UnsettledRooms.settle(chat, at: settled, in: notifications.store)
                }
            } catch {
                _ = looked(at: chat, nil, since: startMs)
            }
        }
    }

    private func takeDue() -> ChatID? {
        state.withLock { state in
            guard !state.due.isEmpty else {
                state.lookerCount -= 1
                return nil
            }
            return state.due.removeFirst()
        }
    }

    private func looked(
        at chat: ChatID, _ outcome: MessageNotices.Outcome?, since startMs: Int64
    ) -> Position? {
        let nowMs = now()
        return state.withLock {
            $0.agenda.looked(at: chat, outcome, tookMs: nowMs - startMs, nowMs: nowMs)
        }
    }

    // MARK: Opened rooms

    /// Marks as read what those who have opened rooms were told of these. What fails is done when the
    /// room is looked at again.
    private func clear(_ opened: [ReadCursorKey]) async {
        for start in stride(from: 0, to: opened.count, by: Self.pieceSize) {
            let piece = opened[start..<min(start + Self.pieceSize, opened.count)]
            try? await notifications.readAll(
                of: piece.map { .messages(in: $0.room, to: $0.user) })
        }
    }
}
