import Engine
import Synchronization

/// The streams of this process that keep nothing: they count, announce and forget. What they know
/// are their members.
///
/// Announcements are made on the thread of an appender, one at a time per stream, without a lock
/// held: whoever appends while another announces leaves the publication to that one and goes on.
final class PassThroughStreams: Sendable {
    typealias Reply = @Sendable (Result<Appended, BrokerError>) -> Void

    /// A stream's life: from its first use until it is dropped.
    private final class Stream: Sendable {
        struct State {
            var top: UInt64 = 0
            var listener: (any StreamListener)?
            /// The listener hears what is above.
            var attachedAt: UInt64 = 0
            var members: [UserID: Member] = [:]
            var waiting: [Waiting] = []
            var isAnnouncing = false

            /// Whether nobody would miss the stream.
            var isIdle: Bool { listener == nil && members.isEmpty }

            /// Gives a draft the next offset, unless too many wait already.
            mutating func admit(_ draft: Draft, reply: @escaping Reply) -> Admission {
                guard waiting.count < waitingMax else { return .refused }
                return place(draft, reply: reply)
            }

            /// Takes a member in, or only the name where the user is one.
            mutating func enter(_ member: Member, nowMs: Int64) -> Admission {
                guard members.updateValue(member, forKey: member.user) == nil else { return .left }
                return place(PresenceChange.joined.draft(of: member, atMs: nowMs)) { _ in }
            }

            /// Lets a member go, if the user is one.
            mutating func leave(_ user: UserID, nowMs: Int64) -> Admission {
                guard let member = members.removeValue(forKey: user) else { return .left }
                return place(PresenceChange.left.draft(of: member, atMs: nowMs)) { _ in }
            }

            /// Gives a draft the next offset. Where nobody is announcing, the caller does from here
            /// on; else it is left to whoever is.
            private mutating func place(_ draft: Draft, reply: @escaping Reply) -> Admission {
                top += 1
                let publication = Publication(draft, offset: top)
                if isAnnouncing {
                    waiting.append(Waiting(publication: publication, reply: reply))
                    return .left
                }
                isAnnouncing = true
                return .announce(
                    Waiting(publication: publication, reply: reply), to: listener)
            }

            /// Takes what waits; nil, and the announcing is over, where nothing does.
            mutating func takeBatch() -> Batch? {
                guard !waiting.isEmpty else {
                    isAnnouncing = false
                    return nil
                }
                defer { waiting = [] }
                return Batch(waiting: waiting, listener: listener, attachedAt: attachedAt)
            }
        }

        enum Admission {
            case announce(Waiting, to: (any StreamListener)?)
            /// Whoever is announcing goes on with it, if there is anything to announce at all.
            case left
            case refused
        }

        let epoch: Epoch
        let state = Mutex(State())

        init(epoch: Epoch) {
            self.epoch = epoch
        }
    }

    /// A publication that has its offset and waits to be announced.
    private struct Waiting {
        let publication: Publication
        let reply: Reply
    }

    /// What one thread announces in one call.
    private struct Batch {
        let waiting: [Waiting]
        let listener: (any StreamListener)?
        let attachedAt: UInt64
    }

    private struct Registry {
        var streams: [StreamName: Stream] = [:]
        var nextEpoch: Epoch
        /// The number of streams at which the unattached ones are dropped.
        var sweepAt = PassThroughStreams.sweepMin
    }

    /// Appends that wait on one stream while a listener is slow to return.
    private static let waitingMax = 65_536
    /// Streams that are remembered at least, attached or not.
    private static let sweepMin = 10_000

    private let registry: Mutex<Registry>

    /// Every life of a stream gets an epoch of its own, counted from `firstEpoch`.
    init(firstEpoch: Epoch) {
        registry = Mutex(Registry(nextEpoch: firstEpoch))
    }

    /// Makes `listener` hear what follows the answer's top.
    func attach(_ listener: any StreamListener, to name: StreamName) -> StreamPage {
        registry.withLock { registry in
            let stream = Self.stream(name, in: &registry)
            let top = stream.state.withLock { state in
                state.listener = listener
                state.attachedAt = state.top
                return state.top
            }
            return Self.page(top: top, epoch: stream.epoch)
        }
    }

    /// Ends what `attach` began.
    func detach(_ name: StreamName) {
        registry.withLock { registry in
            registry.streams[name]?.state.withLock { $0.listener = nil }
        }
    }

    /// What the stream is now; it never holds publications.
    func page(of name: StreamName) -> StreamPage {
        registry.withLock { registry in
            let stream = Self.stream(name, in: &registry)
            return Self.page(top: stream.state.withLock { $0.top }, epoch: stream.epoch)
        }
    }

    /// Where the streams stand.
    func tops(of names: [StreamName]) -> [StreamTop] {
        registry.withLock { registry in
            names.map { name in
                let stream = Self.stream(name, in: &registry)
                let top = stream.state.withLock { $0.top }
                return StreamTop(epoch: stream.epoch, top: top, floor: top + 1, newest: nil)
            }
        }
    }

    /// Gives the draft the next offset, announces it and replies, in this order, unless another
    /// thread is announcing already and does it for this one.
    func append(_ draft: Draft, to name: StreamName, reply: @escaping Reply) {
        let stream = registry.withLock { Self.stream(name, in: &$0) }
        let admission = stream.state.withLock { $0.admit(draft, reply: reply) }
        if case .refused = admission { return reply(.failure(.overloaded)) }
        Self.carryOut(admission, of: stream)
    }

    // MARK: Presence

    /// Takes a member in, and announces it where the user was none.
    func enter(_ member: Member, _ name: StreamName, nowMs: Int64) {
        change(name) { $0.enter(member, nowMs: nowMs) }
    }

    /// Lets a member go, and announces it where the user was one.
    func leave(_ user: UserID, _ name: StreamName, nowMs: Int64) {
        change(name) { $0.leave(user, nowMs: nowMs) }
    }

    /// Who is in the room of the stream.
    func attendance(of name: StreamName) -> Attendance {
        let (members, position) = registry.withLock { registry in
            let stream = Self.stream(name, in: &registry)
            return stream.state.withLock { state in
                (state.members, Position(epoch: stream.epoch, offset: state.top))
            }
        }
        return Attendance(
            members: members.values.sorted { $0.user.rawValue < $1.user.rawValue },
            position: position)
    }

    /// Changes a stream's members with the registry locked, so that the stream is not dropped
    /// meanwhile for having none, and announces what came of it.
    private func change(_ name: StreamName, _ body: (inout Stream.State) -> Stream.Admission) {
        let (stream, admission) = registry.withLock { registry in
            let stream = Self.stream(name, in: &registry)
            return (stream, stream.state.withLock { body(&$0) })
        }
        Self.carryOut(admission, of: stream)
    }

    // MARK: Announcing

    private static func carryOut(_ admission: Stream.Admission, of stream: Stream) {
        switch admission {
        case .refused, .left:
            break
        case .announce(let first, let listener):
            listener?.announced([first.publication], epoch: stream.epoch)
            first.reply(success(first.publication, in: stream))
            while let batch = stream.state.withLock({ $0.takeBatch() }) {
                announce(batch, of: stream)
            }
        }
    }

    private static func announce(_ batch: Batch, of stream: Stream) {
        let audible = batch.waiting.map(\.publication).drop { $0.offset <= batch.attachedAt }
        if !audible.isEmpty { batch.listener?.announced(Array(audible), epoch: stream.epoch) }
        for waiting in batch.waiting { waiting.reply(success(waiting.publication, in: stream)) }
    }

    private static func success(
        _ publication: Publication, in stream: Stream
    ) -> Result<Appended, BrokerError> {
        let position = Position(epoch: stream.epoch, offset: publication.offset)
        return .success(Appended(position: position, isDuplicate: false))
    }

    /// The stream of that name; begins its life where it has none.
    private static func stream(_ name: StreamName, in registry: inout Registry) -> Stream {
        if let stream = registry.streams[name] { return stream }
        if registry.streams.count >= registry.sweepAt {
            // A later life has another epoch, so that a position in this one stays honest.
            registry.streams = registry.streams.filter { _, stream in
                stream.state.withLock { !$0.isIdle }
            }
            registry.sweepAt = max(sweepMin, 2 * registry.streams.count)
        }
        let stream = Stream(epoch: registry.nextEpoch)
        registry.nextEpoch = Epoch(rawValue: registry.nextEpoch.rawValue &+ 1)
        registry.streams[name] = stream
        return stream
    }

    private static func page(top: UInt64, epoch: Epoch) -> StreamPage {
        StreamPage(epoch: epoch, publications: [], floor: top + 1, top: top)
    }
}
