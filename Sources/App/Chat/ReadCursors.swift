import Engine
import Synchronization

/// Somebody has read a chat room up to a position.
package struct ReadMark: Sendable, Hashable {
    package let room: ChatID
    package let user: UserID
    /// The name that others see.
    package let name: String
    package let position: Position
    /// Whether the others see it anyway, by a message of this reader's: then it is not announced.
    package let isSeen: Bool

    package init(
        room: ChatID, user: UserID, name: String, position: Position, isSeen: Bool = false
    ) {
        self.room = room
        self.user = user
        self.name = name
        self.position = position
        self.isSeen = isSeen
    }
}

/// How far each user has read each chat room. It only moves forward.
///
/// What is read by the way, by publishing and by acknowledging, is stored together, a quarter of a
/// second later at most; a crash before that loses it. What a client says it has read is stored at
/// once. What was stored is announced, unless a message of the reader's tells it already, at most
/// once for each user and room in such a time.
package final class ReadCursors: Sendable {
    /// Runs something after so many milliseconds.
    package typealias Schedule = @Sendable (Int64, @escaping @Sendable () -> Void) -> Void

    /// Told what became of a mark.
    private typealias Reply = @Sendable (Result<Void, StoreError>) -> Void

    private struct State {
        /// Not stored yet.
        var dirty: [ReadCursorKey: ReadMark] = [:]
        /// Being stored.
        var writing: [ReadCursorKey: ReadMark] = [:]
        /// Stored and not announced yet.
        var news: [ReadCursorKey: ReadMark] = [:]
        /// Who waits until everything that is dirty now is stored.
        var waiters: [Reply] = []
        /// Stores what is dirty until nothing is; nil while nobody is at it.
        var flush: Task<Void, Never>?
        /// Whether a tick is on its way: there is one as long as it has something to do.
        var isTickDue = false
    }

    /// Rooms and users with something that is not stored yet; beyond it, what is read by the way is
    /// dropped, and what a client says is refused.
    private static let dirtyMax = 65_536
    /// Who may wait for their marks; beyond it they are refused.
    private static let waitersMax = 4_096
    private static let tickMs: Int64 = 250
    /// How long everything waits after the store has failed.
    private static let retryMs: Int64 = 1_000
    /// Records in one commit.
    private static let commitMax = 256

    private let records: ReadCursorRecords
    private let schedule: Schedule
    private let announce: @Sendable (ReadMark) -> Void
    private let state = Mutex(State())

    /// `announce` is told of every cursor that has moved; it must return at once.
    package init(
        notifications: Notifications, schedule: @escaping Schedule,
        announce: @escaping @Sendable (ReadMark) -> Void
    ) {
        records = ReadCursorRecords(notifications: notifications)
        self.schedule = schedule
        self.announce = announce
    }

    /// Cursors that are announced among a room's events.
    package convenience init(
        notifications: Notifications, broker: any Broker,
        now: @escaping @Sendable () -> Int64, schedule: @escaping Schedule
    ) {
        self.init(notifications: notifications, schedule: schedule) { mark in
            broker.append(
                RoomEvent.draft(of: mark, atMs: now()), to: mark.room.events,
                keeping: .nothing
            ) { _ in }
        }
    }

    // MARK: Marking

    /// Takes note of what was read by the way. On the path of every message in a chat room.
    package func mark(_ mark: ReadMark) {
        let isFirst = state.withLock { state in
            Self.take(mark, &state) && Self.claimTick(&state)
        }
        if isFirst { scheduleTick(afterMs: Self.tickMs) }
    }

    /// Stores what a client says it has read; returns when it is stored.
    package func store(_ mark: ReadMark) async throws(Refusal) {
        let outcome: Result<Void, StoreError>? = await withCheckedContinuation { continuation in
            let isTaken = state.withLock { state in
                guard state.waiters.count < Self.waitersMax, Self.take(mark, &state) else {
                    return false
                }
                state.waiters.append { continuation.resume(returning: $0) }
                beginFlush(&state)
                return true
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
        switch outcome {
        case .success: break
        case .failure(let error): throw Refusal(error)
        case nil: throw Refusal(.tooFast, "more is read than is stored", retryAfterMs: 1_000)
        }
    }

    /// False where as much waits as may.
    private static func take(_ mark: ReadMark, _ state: inout State) -> Bool {
        let key = ReadCursorKey(room: mark.room, user: mark.user)
        if let earlier = state.dirty[key] {
            if mark.position.isNewer(than: earlier.position) { state.dirty[key] = mark }
            return true
        }
        guard state.dirty.count < dirtyMax else { return false }
        state.dirty[key] = mark
        return true
    }

    /// Whether the caller is to schedule the next tick.
    private static func claimTick(_ state: inout State) -> Bool {
        defer { state.isTickDue = true }
        return !state.isTickDue
    }

    // MARK: Asking

    /// How far a user has read each of the rooms; nil for one they have not read.
    package func positions(
        of user: UserID, in rooms: [ChatID]
    ) async throws(StoreError) -> [Position?] {
        let keys = rooms.map { ReadCursorKey(room: $0, user: user) }
        let stored = try await records.positions(of: keys)
        return state.withLock { state in
            zip(keys, stored).map { Self.position($1, of: $0, state) }
        }
    }

    /// Where users' cursors in a room are.
    func states(
        of users: [UserID], in room: ChatID
    ) async throws(StoreError) -> [ReadCursorState] {
        let keys = users.map { ReadCursorKey(room: room, user: $0) }
        var states = try await records.states(of: keys)
        state.withLock { state in
            for (place, key) in keys.enumerated() {
                states[place].position = Self.position(states[place].position, of: key, state)
            }
        }
        return states
    }

    /// A position that is stored, unless a newer one is about to be.
    private static func position(
        _ stored: Position?, of key: ReadCursorKey, _ state: borrowing State
    ) -> Position? {
        [state.writing[key], state.dirty[key]].reduce(stored) { position, mark in
            guard let mark, position.map({ mark.position.isNewer(than: $0) }) ?? true
            else { return position }
            return mark.position
        }
    }

    // MARK: Storing

    /// Stores everything, and announces it. For the end, when nothing is marked any more.
    package func stop() async {
        let flush = state.withLock { state in
            beginFlush(&state)
            return state.flush
        }
        await flush?.value
        let news = state.withLock { exchange(&$0.news, with: [:]) }
        for mark in news.values { announce(mark) }
    }

    private func scheduleTick(afterMs delayMs: Int64) {
        schedule(delayMs) { [weak self] in self?.tick() }
    }

    private func tick() {
        // At once: what becomes news after it was taken finds that the next tick is not due yet.
        let news = state.withLock { state in
            state.isTickDue = false
            if !state.dirty.isEmpty { beginFlush(&state) }
            return exchange(&state.news, with: [:])
        }
        for mark in news.values { announce(mark) }
    }

    private func beginFlush(_ state: inout State) {
        guard state.flush == nil else { return }
        state.flush = Task { await flush() }
    }

    private func flush() async {
        var hasFailed = false
        while let (marks, waiters) = takeBatch(afterFailure: hasFailed) {
            hasFailed = false
            var left = marks[...]
            var outcome = Result<Void, StoreError>.success(())
            do throws(StoreError) {
                while !left.isEmpty {
                    let part = left.prefix(Self.commitMax)
                    let moved = try await records.write(Array(part))
                    left = left.dropFirst(part.count)
                    keepNews(moved)
                }
            } catch {
                outcome = .failure(error)
                hasFailed = true
            }
            finish(left: left)
            for reply in waiters { reply(outcome) }
        }
    }

    /// What is to be stored now, and who waits for it; nil: this flush is over.
    private func takeBatch(afterFailure hasFailed: Bool) -> ([ReadMark], [Reply])? {
        state.withLock { state in
            guard !state.waiters.isEmpty || !hasFailed && !state.dirty.isEmpty else {
                state.flush = nil
                return nil
            }
            state.writing = exchange(&state.dirty, with: [:])
            return (Array(state.writing.values), exchange(&state.waiters, with: []))
        }
    }

    /// Lets the next tick tell of cursors that have moved.
    private func keepNews(_ moved: [ReadMark]) {
        let moved = moved.filter { !$0.isSeen }
        guard !moved.isEmpty else { return }
        let isFirst = state.withLock { state in
            for mark in moved {
                state.news[ReadCursorKey(room: mark.room, user: mark.user)] = mark
            }
            return Self.claimTick(&state)
        }
        if isFirst { scheduleTick(afterMs: Self.tickMs) }
    }

    /// A batch is done but for what is left, which is tried again later.
    private func finish(left: ArraySlice<ReadMark>) {
        let isRetryDue = state.withLock { state in
            state.writing = [:]
            for mark in left { _ = Self.take(mark, &state) }
            return !left.isEmpty && Self.claimTick(&state)
        }
        if isRetryDue { scheduleTick(afterMs: Self.retryMs) }
    }
}
