import Engine

/// The streams of one server whose rooms live on one loop: appends to them, and hears what is
/// appended anywhere.
///
/// Pinned to the loop, like the link it speaks over.
actor RedisStreams {
    typealias Reply = @Sendable (Result<Appended, BrokerError>) -> Void
    typealias PageReply = @Sendable (Result<StreamPage, BrokerError>) -> Void

    nonisolated let link: RedisLink
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe link.loop.asUnownedSerialExecutor()
    }

    let keys: RedisStreamKeys
    nonisolated let now: @Sendable () -> Int64
    /// What the node listens to, by channel.
    private var ears: [[UInt8]: Ear] = [:]
    private var earLast: UInt64 = 0

    /// A stream that has a listener.
    private final class Ear {
        var listener: any StreamListener
        var following = RedisFollowing<Answer>()
        /// Keeps the order in which streams came to have listeners.
        let number: UInt64
        /// Counts the attachments; the answers to earlier ones come too late.
        var attachment: UInt64 = 0
        /// Whether the server has confirmed the subscription.
        var isSubscribed = false
        /// Asks where the stream stands; waits for the subscription.
        var ask: (() -> Void)?
        /// Tells who attaches that it failed; for as long as `ask` waits.
        var fail: ((BrokerError) -> Void)?

        init(_ listener: any StreamListener, number: UInt64) {
            self.listener = listener
            self.number = number
        }
    }

    /// An append's answer, on its way to whoever asked.
    struct Answer {
        let appended: Appended
        let reply: Reply
    }

    init(over link: RedisLink, keys: RedisStreamKeys, now: @escaping @Sendable () -> Int64) {
        self.link = link
        self.keys = keys
        self.now = now
    }

    // MARK: Appending

    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        _ reply: @escaping Reply
    ) {
        guard retention.keepsAnything else { return pass(draft, through: stream, reply) }
        let nowMs = now()
        let log = keys.log(of: stream)
        var scriptKeys = [keys.life, log]
        if let key = draft.idempotencyKey {
            scriptKeys.append(keys.known(key, from: draft.sender, in: stream))
        }
        let arguments = [
            RedisEntry.encode(draft), [UInt8](decimal: Int64(retention.countMax)),
            [UInt8](decimal: nowMs), retention.cut(nowMs: nowMs),
        ]
        link.onLoop.run(RedisStreamScripts.append, keys: scriptKeys, arguments: arguments) {
            self.onLoop.answered($0, draft, log, reply)
        }
    }

    private func pass(_ draft: Draft, through stream: StreamName, _ reply: @escaping Reply) {
        let channel = keys.passing(stream)
        link.onLoop.run(
            RedisPassingScripts.append, keys: [keys.life, channel],
            arguments: [RedisEntry.encode(draft)]
        ) {
            self.onLoop.answered($0, draft, channel, reply)
        }
    }

    func answered(
        _ result: Result<RedisValue, RedisFailure>, _ draft: Draft, _ channel: [UInt8],
        _ reply: @escaping Reply
    ) {
        switch result {
        case .failure(let failure):
            reply(.failure(BrokerError(failure)))
        case .success(let value):
            guard let bytes = value.bytes, let appended = Appended(bytes) else {
                return reply(.failure(.unreadable(value)))
            }
            guard let ear = ears[channel] else { return reply(.success(appended)) }
            let publication =
                appended.isDuplicate
                ? nil : Publication(draft, offset: appended.position.offset)
            let answer = Answer(appended: appended, reply: reply)
            perform(ear.following.answered(appended.position, publication, answer), ear)
        }
    }

    private func perform(_ outcome: RedisFollowing<Answer>.Outcome, _ ear: Ear) {
        if !outcome.publications.isEmpty {
            ear.listener.announced(outcome.publications, epoch: outcome.epoch)
        }
        reply(outcome.replies)
    }

    private func reply(_ answers: [Answer]) {
        for answer in answers { answer.reply(.success(answer.appended)) }
    }

    // MARK: Listening

    func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention,
        _ reply: @escaping PageReply
    ) {
        guard link.onLoop.life != nil else { return reply(.failure(.closed)) }
        let channel = channel(of: stream, isKept: retention.keepsAnything)
        let ear = ears[channel] ?? newEar(listener)
        ear.fail?(.unavailable("another listener took the place"))
        ear.listener = listener
        ear.attachment += 1
        self.reply(ear.following.begin())
        let attachment = ear.attachment
        ear.fail = { reply(.failure($0)) }
        ear.ask = { [unowned self] in
            page(of: stream, keeping: retention) { result in
                self.onLoop.asked(result, channel, attachment: attachment)
                reply(result)
            }
        }
        if ears[channel] == nil {
            ears[channel] = ear
            link.onLoop.listen(to: channel, self)
        } else if ear.isSubscribed {
            ask(ear)
        }
    }

    private func newEar(_ listener: any StreamListener) -> Ear {
        earLast += 1
        return Ear(listener, number: earLast)
    }

    private func ask(_ ear: Ear) {
        let ask = ear.ask
        ear.ask = nil
        ear.fail = nil
        ask?()
    }

    /// Learns where the stream stands, or that it can't be told.
    func asked(
        _ result: Result<StreamPage, BrokerError>, _ channel: [UInt8], attachment: UInt64
    ) {
        guard let ear = ears[channel], ear.attachment == attachment else { return }
        switch result {
        case .success(let page):
            let top = Position(epoch: page.epoch, offset: page.top)
            perform(ear.following.began(at: top), ear)
        case .failure:
            drop(channel)
        }
    }

    func detach(_ stream: StreamName) {
        for isKept in [true, false] { drop(channel(of: stream, isKept: isKept)) }
    }

    private func drop(_ channel: [UInt8]) {
        guard let ear = ears.removeValue(forKey: channel) else { return }
        link.onLoop.stopListening(to: channel)
        reply(ear.following.release())
        ear.fail?(.unavailable("detached meanwhile"))
    }

    func channel(of stream: StreamName, isKept: Bool) -> [UInt8] {
        isKept ? keys.log(of: stream) : keys.passing(stream)
    }
}

extension RedisStreams: @preconcurrency RedisChannelListener {
    func subscribed(to channel: [UInt8]) {
        guard let ear = ears[channel] else { return }
        ear.isSubscribed = true
        ask(ear)
    }

    func received(_ message: [UInt8], from channel: [UInt8]) {
        // What isn't ours was published by somebody who has no business here.
        guard let ear = ears[channel], let announcement = RedisAnnouncement(message),
            ear.following.wants(announcement.position), let publication = announcement.publication
        else { return }
        perform(ear.following.hear(publication, announcement.position.epoch), ear)
    }
}

extension RedisStreams: @preconcurrency RedisLinkUser {
    func opened(_ link: RedisLink, life: Epoch) {}

    func closed(_ link: RedisLink) {
        // Whoever hears of it may attach or detach.
        for (channel, ear) in ears.sorted(by: { $0.value.number < $1.value.number }) {
            ear.isSubscribed = false
            reply(ear.following.lost())
            if ear.ask != nil { drop(channel) }
        }
    }
}

/// What runs on the loop asks of the streams without waiting, as for `RoomOnLoop`.
protocol RedisStreamsOnLoop: AnyObject, Sendable {
    func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        _ reply: @escaping RedisStreams.Reply)
    func answered(
        _ result: Result<RedisValue, RedisFailure>, _ draft: Draft, _ channel: [UInt8],
        _ reply: @escaping RedisStreams.Reply)
    func asked(
        _ result: Result<StreamPage, BrokerError>, _ channel: [UInt8], attachment: UInt64)
}

extension RedisStreams: @preconcurrency RedisStreamsOnLoop {
    nonisolated var onLoop: any RedisStreamsOnLoop { self }
}

/// What is asked of a link on its loop, likewise.
protocol RedisLinkOnLoop: AnyObject, Sendable {
    var life: Epoch? { get }
    func run(
        _ script: RedisScript, keys: [[UInt8]], arguments: [[UInt8]],
        reply: @escaping RedisLink.Reply)
    func listen(to channel: [UInt8], _ listener: any RedisChannelListener)
    func stopListening(to channel: [UInt8])
    func freshName() -> [UInt8]
}

extension RedisLink: @preconcurrency RedisLinkOnLoop {
    nonisolated var onLoop: any RedisLinkOnLoop { self }
}
