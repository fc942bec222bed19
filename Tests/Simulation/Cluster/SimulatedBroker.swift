import Engine
import Synchronization

/// A node's broker: turns what the engine asks into calls to the hub, and what comes back into
/// answers. Has the life of its node; the connection to the hub may be shorter.
final class SimulatedBroker: Broker {
    typealias Completion = @Sendable (HubReply) -> Void

    private struct Pending {
        let number: UInt64
        let askedMs: Int64
        let complete: Completion
    }

    private struct State {
        var isConnected = false
        var numberLast: UInt64 = 0
        /// In the order of the calls.
        var pending: [Pending] = []
        var listeners: [StreamName: any StreamListener] = [:]
        /// Who is in which room through this node, in the order in which they came.
        var claims: [Claim] = []
        /// Whether the hub may not know the claims as they are.
        var areClaimsDue = false
        /// Whether the hub may not know of all the streams with listeners.
        var areSubscriptionsDue = false
        /// The streams with listeners, in the order in which they came.
        var attached: [StreamName] = []
    }

    private let mailbox: Mailbox
    private let nowMs: @Sendable () -> Int64
    private let mutant: Mutant?
    private let state = Mutex(State())

    /// How long an answer may take.
    private static let patienceMs: Int64 = 3_000

    init(_ mailbox: Mailbox, nowMs: @escaping @Sendable () -> Int64, mutant: Mutant?) {
        self.mailbox = mailbox
        self.nowMs = nowMs
        self.mutant = mutant
    }

    // MARK: What the engine asks

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        state.withLock { state in
            if state.listeners.updateValue(listener, forKey: stream) == nil {
                state.attached.append(stream)
            }
        }
        if case .failed(let error) = await reply(to: .subscribe(stream)) {
            forget(stream, listener)
            throw error
        }
        do {
            return try await read(stream, after: 0, limit: 0, keeping: retention)
        } catch {
            forget(stream, listener)
            throw error
        }
    }

    /// Takes back an attach that failed.
    private func forget(_ stream: StreamName, _ listener: any StreamListener) {
        guard state.withLock({ $0.listeners[stream] }) === listener else { return }
        detach(stream)
    }

    func detach(_ stream: StreamName) {
        state.withLock { state in
            state.listeners[stream] = nil
            state.attached.removeAll { $0 == stream }
        }
        send(.unsubscribe(stream), nil)
    }

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        let isTrusting = mutant == .takesSilenceForSuccess
        send(.append(draft, stream, retention)) { answer in
            switch answer {
            case .appended(let appended): reply(.success(appended))
            case .failed where isTrusting:
                let nowhere = Position(epoch: Epoch(rawValue: 0), offset: 0)
                reply(.success(Appended(position: nowhere, isDuplicate: false)))
            case .failed(let error): reply(.failure(error))
            case .done, .page, .tops, .attendance:
                preconditionFailure("an append is answered as one")
            }
        }
    }

    func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        switch await reply(to: .read(stream, after: offset, limit, retention)) {
        case .page(let page): return page
        case .failed(let error): throw error
        case .done, .appended, .tops, .attendance: preconditionFailure("a read is answered as one")
        }
    }

    func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        switch await reply(to: .tops(streams, retention)) {
        case .tops(let tops): return tops
        case .failed(let error): throw error
        case .done, .appended, .page, .attendance: preconditionFailure("tops are answered as such")
        }
    }

    func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        switch await reply(to: .attendance(stream)) {
        case .attendance(let attendance): return attendance
        case .failed(let error): throw error
        case .done, .appended, .page, .tops: preconditionFailure("attendance is answered as such")
        }
    }

    func enter(_ member: Member, _ stream: StreamName) {
        state.withLock { state in
            let claim = Claim(stream: stream, member: member)
            let place = state.claims.firstIndex {
                $0.stream == stream && $0.member.user == member.user
            }
            if let place { state.claims[place] = claim } else { state.claims.append(claim) }
        }
        claim(.enter(member, stream))
    }

    func leave(_ user: UserID, _ stream: StreamName) {
        let isMine = state.withLock { state in
            let countBefore = state.claims.count
            state.claims.removeAll { $0.stream == stream && $0.member.user == user }
            return state.claims.count < countBefore
        }
        if isMine { claim(.leave(user, stream)) }
    }

    let losesAnnouncements = true

    // MARK: Claims

    /// Tells the hub; where that fails, all claims are told again later.
    private func claim(_ request: HubRequest) {
        send(request) { reply in
            if case .failed = reply { self.state.withLock { $0.areClaimsDue = true } }
        }
    }

    private func renewClaims() {
        let request: HubRequest? = state.withLock { state in
            guard state.isConnected else { return nil }
            return exchange(&state.areClaimsDue, with: false) ? .claim(state.claims) : .renew
        }
        if let request { claim(request) }
    }

    // MARK: Calls

    private func reply(to request: HubRequest) async -> HubReply {
        await withCheckedContinuation { continuation in
            send(request) { continuation.resume(returning: $0) }
        }
    }

    private func send(_ request: HubRequest, _ complete: Completion?) {
        let askedMs = nowMs()
        let number: UInt64? = state.withLock { state in
            guard state.isConnected else { return nil }
            state.numberLast += 1
            if let complete {
                state.pending.append(
                    Pending(number: state.numberLast, askedMs: askedMs, complete: complete))
            }
            return state.numberLast
        }
        if let number {
            mailbox.post(.call(HubCall(number: number, request: request)))
        } else {
            complete?(.failed(.unavailable("not connected")))
        }
    }

    /// Takes in an answer; one that comes too late is nobody's.
    func complete(_ number: UInt64, _ reply: HubReply) {
        let pending = state.withLock { state in
            state.pending.firstIndex { $0.number == number }.map { state.pending.remove(at: $0) }
        }
        pending?.complete(reply)
    }

    /// Gives up on answers that take too long; returns how many.
    func expire() -> Int {
        let latestMs = nowMs() - Self.patienceMs
        let expired = state.withLock { state in
            let expired = state.pending.filter { $0.askedMs <= latestMs }
            if !expired.isEmpty { state.pending.removeAll { $0.askedMs <= latestMs } }
            return expired
        }
        for call in expired { call.complete(.failed(.unavailable("no answer"))) }
        return expired.count
    }

    // MARK: The connection

    /// The hub can be reached: everything that has a listener is subscribed to again.
    func connected() {
        state.withLock { state in
            state.isConnected = true
            state.areClaimsDue = true
            state.areSubscriptionsDue = mutant != .staysDeafAfterReconnect
        }
        keepUp()
    }

    /// Tells the hub what it may have missed; every now and then.
    func keepUp() {
        let streams = state.withLock { state in
            guard state.isConnected, exchange(&state.areSubscriptionsDue, with: false) else {
                return [] as [StreamName]
            }
            return state.attached
        }
        for stream in streams {
            send(.subscribe(stream)) { reply in
                if case .failed = reply { self.state.withLock { $0.areSubscriptionsDue = true } }
            }
        }
        renewClaims()
    }

    /// The hub can no longer be reached: what was asked stays without an answer.
    func disconnected() {
        let pending = state.withLock { state in
            state.isConnected = false
            return exchange(&state.pending, with: [])
        }
        for call in pending { call.complete(.failed(.unavailable("the connection broke"))) }
    }

    /// Passes on what the hub announces.
    func hear(_ announcement: Announcement) {
        let listener = state.withLock { $0.listeners[announcement.stream] }
        listener?.announced(announcement.publications, epoch: announcement.epoch)
    }

    /// Lets go of the engine.
    func close() {
        disconnected()
        state.withLock { state in
            state.listeners = [:]
            state.claims = []
            state.attached = []
        }
    }

    // MARK: What the verdict asks

    /// Streams with listeners, and members.
    var leftovers: (listeners: Int, claims: Int) {
        state.withLock { ($0.listeners.count, $0.claims.count) }
    }
}
