import Engine
import Synchronization

/// Says to one server who is in the rooms of one loop, for as long as the node lives, and asks who is
/// there.
///
/// Each time the link opens, it is another claimant to the server: it says everything it knows, and
/// only then ends the claims of the one before, so that nobody seems to leave meanwhile, and that
/// what was still on its way over the old connection changes nothing any more. Its lease must be
/// renewed; whoever sees that another's is over ends that one's claims.
///
/// Pinned to the loop, like the link it speaks over.
actor RedisClaimant {
    typealias AttendanceReply = @Sendable (Result<Attendance, BrokerError>) -> Void

    nonisolated let link: RedisLink
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe link.loop.asUnownedSerialExecutor()
    }

    private let keys: RedisStreamKeys
    private let now: @Sendable () -> Int64
    private var claims = RedisClaims()
    /// What the server calls this claimant; nil while the link is closed.
    private var id: [UInt8]?
    /// Claimants that this one was, and that may not have ended.
    private var former: [[UInt8]] = []
    /// Claims that were said and not answered.
    private var unansweredCount = 0
    private var openedMs: Int64 = 0
    private var isEnding = false
    private var isQuitting = false
    /// Waits for the end of all claims.
    private var quitted: (@Sendable () -> Void)?

    /// How long claims outlive the last word of their node, in milliseconds.
    private static let leaseMs: Int64 = 5_000
    private static let tendingMs: Int64 = 1_000
    /// Where the server was away, every claimant's lease is over when it comes back; nobody is ended
    /// before they all had the time to say so.
    private static let patienceMs: Int64 = 6_000
    /// Users of one script.
    private static let batchMax = 100
    /// Older ones end by their leases.
    private static let formerMax = 8
    private static let quittingMs: Int64 = 1_000
    private static let attemptsMax = 3

    init(over link: RedisLink, keys: RedisStreamKeys, now: @escaping @Sendable () -> Int64) {
        self.link = link
        self.keys = keys
        self.now = now
    }

    // MARK: Claims

    func claim(_ member: Member, _ stream: StreamName, atMs nowMs: Int64) {
        guard !isQuitting else { return }
        claims.enter(member, stream)
        say(present: [member], stream, atMs: nowMs)
    }

    func unclaim(_ user: UserID, _ stream: StreamName, atMs nowMs: Int64) {
        guard claims.leave(user, stream) else { return }
        say(absent: [user], stream, atMs: nowMs)
    }

    private func say(present members: [Member], _ stream: StreamName, atMs nowMs: Int64) {
        var arguments: [[UInt8]] = []
        for member in members {
            arguments.append([UInt8](decimal: member.user.rawValue))
            arguments.append(Array(member.name.utf8))
        }
        say(RedisPresenceScripts.enter, arguments, members.map(\.user), stream, nowMs)
    }

    private func say(absent users: [UserID], _ stream: StreamName, atMs nowMs: Int64) {
        let arguments = users.map { [UInt8](decimal: $0.rawValue) }
        say(RedisPresenceScripts.leave, arguments, users, stream, nowMs)
    }

    private func say(
        _ script: RedisScript, _ arguments: [[UInt8]], _ users: [UserID], _ stream: StreamName,
        _ nowMs: Int64
    ) {
        guard let id, !users.isEmpty else { return }
        unansweredCount += 1
        run(script, [id, Array(stream.text.utf8)] + arguments, atMs: nowMs) { claimant, result in
            claimant.unansweredCount -= 1
            // The one that is there now has said everything; this may have been what its end waits for.
            guard claimant.id == id else { return claimant.endFormer() }
            switch result {
            case .failure: claimant.claims.failed(users, stream)
            case .success(Self.gone): claimant.beginAnew()
            case .success: break
            }
            claimant.endFormer()
        }
    }

    /// Says again what the server refused.
    private func settle(_ stream: StreamName) {
        let (present, absent) = claims.takeDue(stream)
        say(present: present, stream, atMs: now())
        say(absent: absent, stream, atMs: now())
    }

    private static let gone = RedisValue.string(Array("GONE".utf8))
    private static let more = RedisValue.string(Array("MORE".utf8))

    private func run(
        _ script: RedisScript, _ arguments: [[UInt8]], atMs nowMs: Int64? = nil,
        _ take:
            @escaping @Sendable (
                isolated RedisClaimant, Result<RedisValue, RedisFailure>
            ) -> Void
    ) {
        link.onLoop.run(
            script, keys: [keys.life],
            arguments: [keys.argument, [UInt8](decimal: nowMs ?? now())] + arguments
        ) { result in
            self.assumeIsolated { take($0, result) }
        }
    }

    // MARK: Who is there

    func attendance(of stream: StreamName, _ reply: @escaping AttendanceReply) {
        attendance(of: stream, attemptsLeft: Self.attemptsMax, reply)
    }

    private func attendance(
        of stream: StreamName, attemptsLeft: Int, _ reply: @escaping AttendanceReply
    ) {
        guard let id else { return reply(.failure(.closed)) }
        settle(stream)
        run(RedisPresenceScripts.attendance, [Array(stream.text.utf8)]) { claimant, result in
            // What was said before has been answered by now.
            guard claimant.id == id, claimant.claims.due[stream] == nil else {
                guard attemptsLeft > 1 else {
                    return reply(.failure(.unavailable("Redis takes no claims")))
                }
                return claimant.attendance(of: stream, attemptsLeft: attemptsLeft - 1, reply)
            }
            reply(result.read { Attendance($0) })
        }
    }

    // MARK: Lives

    /// Becomes another claimant, and says everything.
    private func beginAnew() {
        retire()
        guard !isQuitting else { return }
        let id = link.onLoop.freshName()
        self.id = id
        claims.forgetDue()
        run(RedisPresenceScripts.begin, [id, [UInt8](decimal: Self.leaseMs)]) { _, _ in }
        for (stream, members) in claims.all {
            var members = members[...]
            while !members.isEmpty {
                say(present: Array(members.prefix(Self.batchMax)), stream, atMs: now())
                members = members.dropFirst(Self.batchMax)
            }
        }
        endFormer()
        scheduleTending(id)
    }

    private func retire() {
        guard let id else { return }
        self.id = nil
        former.append(id)
        former.removeFirst(max(0, former.count - Self.formerMax))
    }

    /// Ends the claimants that this one was, once the server knows all that it claims now.
    private func endFormer() {
        guard let first = former.first, !isEnding, unansweredCount == 0, claims.due.isEmpty else {
            return
        }
        isEnding = true
        run(RedisPresenceScripts.quit, [first]) { claimant, result in
            claimant.isEnding = false
            guard case .success(let value) = result else { return claimant.finishQuitting() }
            if value != Self.more { claimant.former.removeAll { $0 == first } }
            if claimant.former.isEmpty { return claimant.finishQuitting() }
            claimant.endFormer()
        }
    }

    private func scheduleTending(_ id: [UInt8]) {
        loop.schedule(afterMs: Self.tendingMs) { [weak self] in
            self?.assumeIsolated { $0.tend(id) }
        }
    }

    /// Renews the lease, and ends the claims of those who didn't.
    private func tend(_ id: [UInt8]) {
        guard self.id == id else { return }
        for stream in claims.dueStreams { settle(stream) }
        endFormer()
        let mayEndOthers = loop.nowMs - openedMs >= Self.patienceMs
        run(
            RedisPresenceScripts.tend,
            [id, [UInt8](decimal: Self.leaseMs), [UInt8](decimal: mayEndOthers ? 1 : 0)]
        ) { claimant, result in
            guard claimant.id == id else { return }
            switch result {
            case .success(Self.gone): claimant.beginAnew()
            case .success(Self.more): claimant.tend(id)
            case .success, .failure: claimant.scheduleTending(id)
            }
        }
    }

    /// Ends all claims for good, and answers when the server knows, or after a while.
    func quit(_ done: @escaping @Sendable () -> Void) {
        isQuitting = true
        claims = RedisClaims()
        retire()
        quitted = done
        guard link.onLoop.life != nil, !former.isEmpty else { return finishQuitting() }
        endFormer()
        loop.schedule(afterMs: Self.quittingMs) { self.assumeIsolated { $0.finishQuitting() } }
    }

    private func finishQuitting() {
        exchange(&quitted, with: nil)?()
    }
}

extension RedisClaimant: @preconcurrency RedisLinkUser {
    func opened(_ link: RedisLink, life: Epoch) {
        openedMs = loop.nowMs
        beginAnew()
    }

    func closed(_ link: RedisLink) {
        retire()
    }
}

extension Attendance {
    fileprivate init?(_ value: RedisValue) {
        guard let elements = value.elements, elements.count >= 2, elements.count % 2 == 0,
            let epoch = elements[0].bytes.flatMap(Epoch.init), let top = elements[1].offset
        else { return nil }
        var members: [Member] = []
        for place in stride(from: 2, to: elements.count, by: 2) {
            guard let number = elements[place].text.flatMap({ Int64($0) }),
                let name = elements[place + 1].text
            else { return nil }
            members.append(Member(user: UserID(number), name: name))
        }
        members.sort { $0.user.rawValue < $1.user.rawValue }
        self.init(members: members, position: Position(epoch: epoch, offset: top))
    }
}
