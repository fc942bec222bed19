import Engine

/// Decides what the listener of one stream hears, and when replies may go out: everything in order,
/// each once, though the same publication comes twice where this node appended it, by the answer to
/// its append and by the stream's channel, over two connections.
///
/// What is answered and exactly the next one is heard at once. Where something before it is still on
/// its way through the channel, the reply waits for that: it will come, or the link is closed.
struct RedisFollowing<Reply> {
    private enum State {
        /// Where the stream stands is being asked; what the channel brings meanwhile waits.
        case beginning([Heard])
        /// The listener has heard everything up to `heard`, or knows of it otherwise. While `isWhole`
        /// is false, something after that may have been missed, and won't come any more.
        case following(heard: Position, isWhole: Bool)
    }

    private struct Heard {
        let epoch: Epoch
        let publication: Publication
    }

    /// A reply that waits for what is before it.
    private struct Held {
        let position: Position
        /// Nil where the append was none: what it repeated comes through the channel.
        let publication: Publication?
        let reply: Reply
    }

    /// What is to be done, in this order: tell the listener, then reply.
    struct Outcome {
        var publications: [Publication] = []
        var epoch = Epoch(rawValue: 0)
        var replies: [Reply] = []
    }

    /// Waiting for the answer takes as long as the server needs; beyond so many, what comes is dropped
    /// as if it had been lost.
    private static var waitingMax: Int { 16_384 }

    private var state = State.beginning([])
    private var isOverrun = false
    private var held: [Held] = []

    /// Another listener takes over, or the first: it will hear what follows the answer that is asked
    /// for now. Whatever waits to be replied is before that.
    mutating func begin() -> [Reply] {
        state = .beginning([])
        isOverrun = false
        return release()
    }

    /// The answer: the listener knows of everything up to `top`.
    mutating func began(at top: Position) -> Outcome {
        guard case .beginning(let waiting) = state else { return Outcome() }
        state = .following(heard: top, isWhole: !isOverrun)
        var outcome = Outcome(epoch: top.epoch)
        for one in waiting where one.epoch == top.epoch && one.publication.offset > top.offset {
            outcome.publications.append(one.publication)
        }
        if let last = outcome.publications.last {
            state = .following(
                heard: Position(epoch: top.epoch, offset: last.offset), isWhole: !isOverrun)
        }
        return outcome
    }

    /// Whether the channel's publication at this position is worth reading.
    func wants(_ position: Position) -> Bool {
        switch state {
        case .beginning: true
        case .following(let heard, _):
            position.epoch != heard.epoch || position.offset > heard.offset
        }
    }

    /// The channel brought a publication. It brings them in order; where one is missing, it was lost,
    /// which the listener finds out by itself.
    mutating func hear(_ publication: Publication, _ epoch: Epoch) -> Outcome {
        let position = Position(epoch: epoch, offset: publication.offset)
        guard wants(position) else { return Outcome() }
        if case .beginning(var waiting) = state {
            state = .beginning([])
            if waiting.count < Self.waitingMax {
                waiting.append(Heard(epoch: epoch, publication: publication))
            } else {
                isOverrun = true
            }
            state = .beginning(waiting)
            return Outcome()
        }
        state = .following(heard: position, isWhole: true)
        var outcome = Outcome(publications: [publication], epoch: epoch)
        if !held.isEmpty { releaseReady(&outcome) }
        return outcome
    }

    /// An append was answered: stored at this position now, or, where there is no publication, before.
    mutating func answered(
        _ position: Position, _ publication: Publication?, _ reply: Reply
    ) -> Outcome {
        // Asked before where the stream stands was: the answer to that includes it.
        guard case .following(let heard, let isWhole) = state, wants(position) else {
            return Outcome(replies: [reply])
        }
        guard let publication,
            position.epoch != heard.epoch || !isWhole
                || held.isEmpty && position.offset == heard.offset + 1
        else {
            guard position.epoch == heard.epoch, isWhole else { return Outcome(replies: [reply]) }
            held.append(Held(position: position, publication: publication, reply: reply))
            return Outcome()
        }
        state = .following(heard: position, isWhole: true)
        var outcome = Outcome(publications: [publication], epoch: position.epoch)
        if position.epoch != heard.epoch { outcome.replies = release() }
        outcome.replies.append(reply)
        return outcome
    }

    /// The link was closed: what was on its way through the channel is lost. What waited for it is
    /// stored, and may be replied.
    mutating func lost() -> [Reply] {
        switch state {
        case .beginning: isOverrun = true
        case .following(let heard, _): state = .following(heard: heard, isWhole: false)
        }
        return release()
    }

    /// All replies that wait.
    mutating func release() -> [Reply] {
        defer { held = [] }
        return held.map(\.reply)
    }

    private mutating func releaseReady(_ outcome: inout Outcome) {
        var count = 0
        for one in held {
            guard case .following(let heard, _) = state else { break }
            if wants(one.position), one.position.epoch == heard.epoch {
                guard one.position.offset == heard.offset + 1, let publication = one.publication
                else { break }
                outcome.publications.append(publication)
                state = .following(heard: one.position, isWhole: true)
            }
            outcome.replies.append(one.reply)
            count += 1
        }
        held.removeFirst(count)
    }
}
