/// Which channels a link is subscribed to, and which it wants to be: what to ask the server for, and
/// when. Each channel has a listener.
///
/// Never is anything asked about a channel while the answer to what was asked before is still to
/// come: hiredis 0.14 forgets a subscription that follows an unconfirmed end of the same one. What is
/// wanted meanwhile is asked for afterwards.
struct RedisSubscriptions<Listener> {
    typealias Channel = [UInt8]

    private enum State {
        /// To be subscribed to with the next batch.
        case queued
        /// Subscribed to, not confirmed; not wanted any more where `isWanted` is false.
        case asked(isWanted: Bool)
        case confirmed
        /// The end was asked for and is not confirmed; wanted again where `isWanted` is true.
        case ending(isWanted: Bool)
    }

    private struct Entry {
        var listener: Listener
        /// Keeps the order in which channels came to be wanted.
        let number: UInt64
        var state = State.queued
        /// Whether it was there when the connection began, and is not confirmed again yet.
        var isRestoring = false
    }

    /// What comes of an event.
    enum Action: Equatable {
        case none
        /// A batch may be ready: see `nextBatch`.
        case subscribe
        case unsubscribe
        /// The subscription holds from here on.
        case subscribed
    }

    private var entries: [Channel: Entry] = [:]
    /// In the order to be asked for, while connected; those that are not wanted any more are skipped.
    private var queue: [Channel] = []
    private var numberLast: UInt64 = 0
    private var askedCount = 0
    private var restoringCount = 0
    private var isConnected = false
    private let batchMax: Int

    /// Asks for at most `batchMax` channels in one command.
    init(batchMax: Int = 512) {
        self.batchMax = batchMax
    }

    /// Whether everything that was wanted when the connection began is confirmed.
    var isRestored: Bool { isConnected && restoringCount == 0 }

    /// The channels that are subscribed to, in the order in which they came to be wanted.
    var confirmed: [Channel] {
        channels.filter { channel in
            if case .confirmed? = entries[channel]?.state { true } else { false }
        }
    }

    private var channels: [Channel] {
        entries.map { ($0.key, $0.value.number) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// Who listens to a channel; nil where nobody does or the subscription isn't confirmed.
    func listener(of channel: Channel) -> Listener? {
        guard let entry = entries[channel], case .confirmed = entry.state else { return nil }
        return entry.listener
    }

    // MARK: What users want

    /// Wants a channel; another listener takes the place of the one before.
    mutating func want(_ channel: Channel, _ listener: Listener) -> Action {
        guard var entry = entries[channel] else {
            numberLast += 1
            entries[channel] = Entry(listener: listener, number: numberLast)
            guard isConnected else { return .none }
            queue.append(channel)
            return .subscribe
        }
        entry.listener = listener
        var action = Action.none
        switch entry.state {
        case .queued: break
        case .asked: entry.state = .asked(isWanted: true)
        case .confirmed: action = .subscribed
        case .ending: entry.state = .ending(isWanted: true)
        }
        entries[channel] = entry
        return action
    }

    /// No longer wants a channel.
    mutating func drop(_ channel: Channel) -> Action {
        guard var entry = entries[channel] else { return .none }
        if entry.isRestoring { restoringCount -= 1 }
        entry.isRestoring = false
        var action = Action.none
        switch entry.state {
        case .queued:
            entries[channel] = nil
            return .none
        case .asked:
            entry.state = .asked(isWanted: false)
        case .confirmed:
            entry.state = .ending(isWanted: false)
            action = .unsubscribe
        case .ending:
            entry.state = .ending(isWanted: false)
        }
        entries[channel] = entry
        return action
    }

    // MARK: What the server says

    /// The channels to subscribe to now, at most so many as a batch has; none while an earlier batch
    /// is unconfirmed.
    mutating func nextBatch() -> [Channel] {
        guard isConnected, askedCount == 0, !queue.isEmpty else { return [] }
        var batch: [Channel] = []
        var takenCount = 0
        for channel in queue {
            guard batch.count < batchMax else { break }
            takenCount += 1
            // Dropped meanwhile, and perhaps wanted again: then it is in the queue twice.
            guard case .queued? = entries[channel]?.state else { continue }
            entries[channel]?.state = .asked(isWanted: true)
            batch.append(channel)
        }
        queue.removeFirst(takenCount)
        askedCount = batch.count
        return batch
    }

    /// The server has confirmed a subscription.
    mutating func subscribed(to channel: Channel) -> Action {
        guard var entry = entries[channel], case .asked(let isWanted) = entry.state else {
            return .none
        }
        askedCount -= 1
        if entry.isRestoring { restoringCount -= 1 }
        entry.isRestoring = false
        entry.state = isWanted ? .confirmed : .ending(isWanted: false)
        entries[channel] = entry
        return isWanted ? .subscribed : .unsubscribe
    }

    /// The server has confirmed the end of a subscription.
    mutating func unsubscribed(from channel: Channel) -> Action {
        guard let entry = entries[channel], case .ending(let isWanted) = entry.state else {
            return .none
        }
        guard isWanted else {
            entries[channel] = nil
            return .none
        }
        entries[channel]?.state = .queued
        queue.append(channel)
        return .subscribe
    }

    // MARK: The connection

    /// A connection can take subscriptions: everything wanted is to be asked for.
    mutating func connected() {
        disconnected()
        isConnected = true
        queue = channels
        for channel in queue { entries[channel]?.isRestoring = true }
        restoringCount = queue.count
    }

    /// The connection is gone, and the subscriptions with it.
    mutating func disconnected() {
        isConnected = false
        askedCount = 0
        restoringCount = 0
        queue = []
        for (channel, entry) in entries {
            switch entry.state {
            case .asked(isWanted: false), .ending(isWanted: false):
                entries[channel] = nil
            case .queued, .asked, .confirmed, .ending:
                entries[channel]?.state = .queued
                entries[channel]?.isRestoring = false
            }
        }
    }
}
