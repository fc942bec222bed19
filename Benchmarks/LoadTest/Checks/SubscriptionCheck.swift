/// Holds what comes over one client's subscription to a room against its order, through all the
/// connections that the client has one after the other.
struct SubscriptionCheck: Sendable {
    /// What an offset that arrived is.
    enum Verdict: Hashable, Sendable {
        case next
        /// Not the next one: so many are missing, for now.
        case skipped(Int64)
        /// One that was missing.
        case late
        case repeated
        /// Known, and sent again as it must be: it had not been acknowledged.
        case redelivered
        /// Before the first answer, when nothing may come that is not durable.
        case early
    }

    /// What the answer to a subscription says.
    enum Answer: Hashable, Sendable {
        /// All that had to come before it has come.
        case inPlace
        /// So many have not.
        case skipped(Int64)
        /// There is less than the client has seen.
        case behind
    }

    /// Nil before the first answer.
    private var sequence: SequenceCheck?
    private var acknowledged: Acknowledged?
    private var redelivery = Redelivery.none

    /// The highest offset that a client has acknowledged, and the highest of which the server has
    /// told that it took note.
    private struct Acknowledged: Sendable {
        var sent: Int64 = 0
        var confirmed: Int64 = 0
        /// Those on their way on this connection.
        var pending: Set<Int64> = []
        /// The lowest of which nobody knows whether the server took note, though it may have of higher
        /// ones; nil: there is none.
        var doubtedFrom: Int64?
    }

    /// What may come of what the client knows already.
    private enum Redelivery: Sendable {
        case none
        /// It has just come back.
        case possible
        /// The server has begun to, and this is the next.
        case next(Int64)
        /// The server has begun to, with what is in doubt: all above this may come, or not.
        case some(after: Int64)
    }

    /// Nothing was asked for yet. A durable subscription is one that the server resumes by itself,
    /// after what was acknowledged.
    init(isDurable: Bool = false) {
        acknowledged = isDurable ? Acknowledged() : nil
    }

    /// What the client would resume after; nil before the first answer.
    var highest: Int64? { sequence?.highest }

    /// The client subscribes, for the first time or again.
    mutating func subscribe() {
        redelivery = acknowledged == nil || sequence == nil ? .none : .possible
        acknowledged?.pending = []
    }

    /// Takes the offset that the answer to it says.
    mutating func answer(_ offset: Int64) -> Answer {
        guard let highest else {
            restart(after: offset)
            return .inPlace
        }
        let owed = owesRedelivery
        redelivery = .none
        guard offset >= highest else { return .behind }
        guard offset > highest || owed > 0 else { return .inPlace }
        sequence = SequenceCheck(after: offset)
        return .skipped(offset - highest + owed)
    }

    /// The server told that it goes on in another life of the stream, after this offset of it.
    mutating func restart(after offset: Int64) {
        sequence = SequenceCheck(after: offset)
        acknowledged = acknowledged.map { _ in Acknowledged(sent: offset, confirmed: offset) }
        redelivery = .none
    }

    /// Messages that were not acknowledged and have not been sent again after the return.
    private var owesRedelivery: Int64 {
        guard let highest, let acknowledged else { return 0 }
        return switch redelivery {
        case .none, .some: 0
        case .possible: acknowledged.doubtedFrom == nil ? highest - acknowledged.sent : 0
        case .next(let next): highest + 1 - next
        }
    }

    /// Takes the offset of a message that arrived.
    mutating func take(_ offset: Int64) -> Verdict {
        if sequence == nil, acknowledged != nil {
            // The answer that said where it begins was lost with a connection.
            restart(after: offset - 1)
        }
        guard let highest else { return .early }
        if offset <= highest, redeliver(offset) { return .redelivered }
        let owed = owesRedelivery
        redelivery = .none
        guard let verdict = sequence?.take(offset) else { return .early }
        switch verdict {
        case .next: return owed == 0 ? .next : .skipped(owed)
        case .skipped(let count): return .skipped(count + owed)
        case .late: return .late
        case .repeated: return .repeated
        }
    }

    private mutating func redeliver(_ offset: Int64) -> Bool {
        guard let acknowledged else { return false }
        switch redelivery {
        case .none:
            return false
        case .possible:
            if let doubtedFrom = acknowledged.doubtedFrom {
                guard offset >= doubtedFrom else { return false }
                redelivery = .some(after: offset)
            } else {
                // An acknowledgement that was on its way may have arrived.
                guard offset > acknowledged.confirmed, offset <= acknowledged.sent + 1 else {
                    return false
                }
                redelivery = .next(offset + 1)
            }
        case .next(let next):
            guard offset == next else { return false }
            redelivery = .next(offset + 1)
        case .some(let last):
            guard offset > last else { return false }
            redelivery = .some(after: offset)
        }
        return true
    }

    /// The client acknowledges everything up to an offset.
    mutating func acknowledge(_ offset: Int64) {
        guard let sent = acknowledged?.sent else { return }
        acknowledged?.sent = max(sent, offset)
        acknowledged?.pending.insert(offset)
    }

    /// The server has taken note of that.
    mutating func confirm(_ offset: Int64) {
        guard let confirmed = acknowledged?.confirmed else { return }
        acknowledged?.confirmed = max(confirmed, offset)
        acknowledged?.pending.remove(offset)
    }

    /// The server could not take note of an acknowledgement.
    mutating func refuse(_ offset: Int64) {
        guard let doubtedFrom = acknowledged?.doubtedFrom else {
            acknowledged?.doubtedFrom = offset
            return
        }
        acknowledged?.doubtedFrom = min(doubtedFrom, offset)
    }

    /// The connection ended while acknowledgements were on their way, any of which the server may
    /// have been unable to take note of.
    mutating func doubt() {
        if let lowest = acknowledged?.pending.min() { refuse(lowest) }
    }
}
