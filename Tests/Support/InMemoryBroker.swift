import Engine
import Synchronization

/// A broker without threads or files, for tests and the simulation.
///
/// An append has two steps, each run by the injected schedule: it is stored, then announced and
/// answered. Steps of one stream happen in the order in which they were asked for, whatever the
/// schedule does, and one at a time; steps of different streams as the schedule likes.
public final class InMemoryBroker: Broker {
    /// A stream's kept log and its passing-through namesake are two streams.
    private struct StreamID: Hashable {
        let name: [UInt8]
        let isKept: Bool
    }

    private typealias Step = @Sendable () -> Void

    /// The steps that one stream still owes.
    private struct Agenda {
        var steps: [Step] = []
        /// The schedule's calls that have not been honoured with a step yet.
        var due = 0
        var isRunning = false

        /// Takes the oldest step that is due; nil, and the running is over, where none is.
        mutating func next() -> Step? {
            guard due > 0 else {
                isRunning = false
                return nil
            }
            due -= 1
            return steps.removeFirst()
        }
    }

    private struct State {
        /// Of the streams that are kept.
        var epoch: Epoch
        var streams: [StreamID: MemoryStream] = [:]
        var agendas: [StreamID: Agenda] = [:]
        /// Who is to be a member, whatever fails or crashes meanwhile.
        var wanted: [StreamID: [UserID: Member]] = [:]
        var failure: BrokerError?
        /// Counts crashes. A step of an earlier life fails.
        var life: UInt64 = 0
    }

    private let now: @Sendable () -> Int64
    private let schedule: Schedule
    private let state: Mutex<State>

    /// `schedule` runs every step at once unless another is given.
    public init(
        epoch: Epoch, now: @escaping @Sendable () -> Int64,
        schedule: @escaping Schedule = { step in step() }
    ) {
        self.now = now
        self.schedule = schedule
        state = Mutex(State(epoch: epoch))
    }

    /// What everything fails with; nil: nothing does.
    public var failing: BrokerError? {
        get { state.withLock { $0.failure } }
        set {
            state.withLock { $0.failure = newValue }
            if newValue == nil { settleAllPresence() }
        }
    }

    /// Does what the crash and the restart of the process with the log would: what was not stored
    /// is lost, what was stored but not announced is stored and never announced, listeners and
    /// passing-through streams are gone, and everything under way is answered `unavailable`. Members
    /// come again by themselves.
    public func crash() {
        state.withLock { state in
            state.life += 1
            state.streams = state.streams.filter { id, _ in id.isKept }
            for id in state.streams.keys { state.streams[id]?.listener = nil }
        }
        settleAllPresence()
    }

    /// Does what the loss of all data would: what is kept begins anew, in another epoch, and nobody is
    /// told.
    public func loseData(beginning epoch: Epoch) {
        state.withLock { state in
            state.epoch = epoch
            for id in state.streams.keys where id.isKept {
                var empty = MemoryStream()
                empty.listener = state.streams[id]?.listener
                state.streams[id] = empty
            }
        }
    }

    public func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await result(of: stream, keeping: retention) { stream, epoch, nowMs in
            stream.listener = listener
            stream.attachedAt = stream.top
            return stream.page(
                after: 0, limit: PageLimit(countMax: 0), keeping: retention, epoch: epoch,
                nowMs: nowMs)
        }
    }

    public func detach(_ stream: StreamName) {
        for isKept in [true, false] {
            let id = StreamID(name: Array(stream.text.utf8), isKept: isKept)
            perform(on: id) { self.state.withLock { $0.streams[id]?.listener = nil } }
        }
    }

    public func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        let id = Self.id(stream, retention)
        let asked = state.withLock { $0.life }
        perform(on: id) {
            let stored = self.update(id, asked: asked) { stream, epoch, nowMs in
                let (publication, offset) = stream.append(
                    draft, keeping: retention, nowMs: nowMs)
                let position = Position(epoch: epoch, offset: offset)
                return (publication, Appended(position: position, isDuplicate: publication == nil))
            }
            self.perform(on: id) { self.announce(stored, on: id, asked: asked, reply: reply) }
        }
    }

    public func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        try await result(of: stream, keeping: retention) { stream, epoch, nowMs in
            stream.page(
                after: offset, limit: limit, keeping: retention, epoch: epoch, nowMs: nowMs)
        }
    }

    public func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        let asked = state.withLock { $0.life }
        let result: Result<[StreamTop], BrokerError> = await withCheckedContinuation {
            continuation in
            schedule {
                let nowMs = self.now()
                let result = self.whileAlive(since: asked) { state in
                    streams.map { name in
                        let id = Self.id(name, retention)
                        return state.streams[id, default: MemoryStream()].summary(
                            keeping: retention, epoch: self.epoch(of: id, in: state),
                            nowMs: nowMs)
                    }
                }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// Announcements come in order, each once.
    public var losesAnnouncements: Bool { false }

    // MARK: Presence

    public func enter(_ member: Member, _ stream: StreamName) {
        let id = Self.id(stream, .nothing)
        state.withLock { $0.wanted[id, default: [:]][member.user] = member }
        settlePresence(of: id)
    }

    public func leave(_ user: UserID, _ stream: StreamName) {
        let id = Self.id(stream, .nothing)
        state.withLock { $0.wanted[id]?[user] = nil }
        settlePresence(of: id)
    }

    public func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        try await result(of: stream, keeping: .nothing) { stream, epoch, _ in
            Attendance(
                members: stream.members, position: Position(epoch: epoch, offset: stream.top))
        }
    }

    /// Makes a stream's members those who are wanted, as an append is made in two steps.
    private func settlePresence(of id: StreamID) {
        let asked = state.withLock { $0.life }
        perform(on: id) {
            let wanted = self.state.withLock { $0.wanted[id, default: [:]] }
            let settled = self.update(id, asked: asked) { stream, epoch, nowMs in
                (stream.settle(wanted, nowMs: nowMs), epoch)
            }
            // What fails now is made up for once it can be done.
            guard case .success(let (publications, epoch)) = settled else { return }
            self.perform(on: id) {
                let (isAlive, listener, attachedAt) = self.state.withLock { state in
                    let stream = state.streams[id]
                    return (state.life == asked, stream?.listener, stream?.attachedAt ?? 0)
                }
                let audible = publications.filter { $0.offset > attachedAt }
                if isAlive, !audible.isEmpty { listener?.announced(audible, epoch: epoch) }
            }
        }
    }

    private func settleAllPresence() {
        let ids = state.withLock { state in
            state.wanted.keys.sorted { $0.name.lexicographicallyPrecedes($1.name) }
        }
        for id in ids { settlePresence(of: id) }
    }

    // MARK: Steps

    private static func id(_ name: StreamName, _ retention: Retention) -> StreamID {
        StreamID(name: Array(name.text.utf8), isKept: retention.countMax > 0)
    }

    /// The second step of an append.
    private func announce(
        _ stored: Result<(Publication?, Appended), BrokerError>, on id: StreamID, asked: UInt64,
        reply: (Result<Appended, BrokerError>) -> Void
    ) {
        switch stored {
        case .failure(let error):
            reply(.failure(error))
        case .success(let (publication, appended)):
            let (isAlive, listener) = state.withLock { state in
                let stream = state.streams[id]
                let isAudible = appended.position.offset > stream?.attachedAt ?? 0
                return (state.life == asked, isAudible ? stream?.listener : nil)
            }
            guard isAlive else { return reply(.failure(.unavailable("crashed"))) }
            if let publication {
                listener?.announced([publication], epoch: appended.position.epoch)
            }
            reply(.success(appended))
        }
    }

    /// Does something to a stream in one step, and waits for what came of it.
    private func result<Value: Sendable>(
        of name: StreamName, keeping retention: Retention,
        _ body: @escaping @Sendable (inout MemoryStream, Epoch, Int64) -> Value
    ) async throws(BrokerError) -> Value {
        let id = Self.id(name, retention)
        let asked = state.withLock { $0.life }
        let result: Result<Value, BrokerError> = await withCheckedContinuation {
            continuation in
            perform(on: id) {
                continuation.resume(returning: self.update(id, asked: asked, body))
            }
        }
        return try result.get()
    }

    /// Does something to a stream now, unless the broker fails or has crashed since it was asked.
    private func update<Value: Sendable>(
        _ id: StreamID, asked: UInt64, _ body: (inout MemoryStream, Epoch, Int64) -> Value
    ) -> Result<Value, BrokerError> {
        let nowMs = now()
        return whileAlive(since: asked) { state in
            let epoch = epoch(of: id, in: state)
            return body(&state.streams[id, default: MemoryStream()], epoch, nowMs)
        }
    }

    private func whileAlive<Value>(
        since asked: UInt64, _ body: (inout State) -> Value
    ) -> Result<Value, BrokerError> {
        state.withLock { state in
            guard state.life == asked else { return .failure(.unavailable("crashed")) }
            if let failure = state.failure { return .failure(failure) }
            return .success(body(&state))
        }
    }

    private func epoch(of id: StreamID, in state: State) -> Epoch {
        id.isKept ? state.epoch : Epoch(rawValue: state.epoch.rawValue &+ 1 &+ state.life)
    }

    /// Puts a step at the end of the stream's agenda, and asks the schedule for one step.
    private func perform(on id: StreamID, _ step: @escaping Step) {
        state.withLock { $0.agendas[id, default: Agenda()].steps.append(step) }
        schedule { self.runStep(of: id) }
    }

    /// Runs the oldest step of the stream; leaves it to whoever is running one.
    private func runStep(of id: StreamID) {
        let isMine = state.withLock { state in
            state.agendas[id, default: Agenda()].due += 1
            defer { state.agendas[id]?.isRunning = true }
            return state.agendas[id]?.isRunning == false
        }
        guard isMine else { return }
        while let step = state.withLock({ $0.agendas[id, default: Agenda()].next() }) { step() }
    }
}
