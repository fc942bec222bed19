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
    }

    /// What may come of what the client knows already.
    private enum Redelivery: Sendable {
        case none
        /// It has just come back.
        case possible
        /// The server has begun to, and this is the next.
        case next(Int64)
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
    }

    /// Takes the offset that the answer to it says.
    mutating func answer(_ offset: Int64) -> Answer {
        guard let highest else {
            sequence = SequenceCheck(after: offset)
            acknowledged = acknowledged.map { _ in Acknowledged(sent: offset, confirmed: offset) }
            return .inPlace
        }
        let owed = owesRedelivery
        redelivery = .none
        guard offset >= highest else { return .behind }
        guard offset > highest || owed > 0 else { return .inPlace }
        sequence = SequenceCheck(after: offset)
        return .skipped(offset - highest + owed)
    }

    /// Messages that were not acknowledged and have not been sent again after the return.
    private var owesRedelivery: Int64 {
        guard let highest, let acknowledged else { return 0 }
        return switch redelivery {
        case .none: 0
        case .possible: highest - acknowledged.sent
        case .next(let next): highest + 1 - next
        }
    }

    /// Takes the offset of a message that arrived.
    mutating func take(_ offset: Int64) -> Verdict {
        if sequence == nil, acknowledged != nil {
            // The answer that said where it begins was lost with a connection.
            sequence = SequenceCheck(after: offset - 1)
            acknowledged = Acknowledged(sent: offset - 1, confirmed: offset - 1)
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
        let isDue =
            switch redelivery {
            case .none: false
            // An acknowledgement that was on its way may have arrived.
            case .possible:
                offset > acknowledged.confirmed && offset <= acknowledged.sent + 1
            case .next(let next): offset == next
            }
        if isDue { redelivery = .next(offset + 1) }
        return isDue
    }

    /// The client acknowledges everything up to an offset.
    mutating func acknowledge(_ offset: Int64) {
        guard let sent = acknowledged?.sent else { return }
        acknowledged?.sent = max(sent, offset)
    }

    /// The server has taken note of that.
    mutating func confirm(_ offset: Int64) {
        guard let confirmed = acknowledged?.confirmed else { return }
        acknowledged?.confirmed = max(confirmed, offset)
    }
}
