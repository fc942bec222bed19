/// What was counted in a soak.
struct SoakTally: Codable, Hashable, Sendable {
    // What clients did.
    /// Messages, each counted once.
    var published: Int64 = 0
    /// Messages that a client would have written, had its outbox not been full.
    var unwritten: Int64 = 0
    var receipts: Int64 = 0
    /// Messages that left again because no receipt had come.
    var resent: Int64 = 0
    /// Receipts that said the message had been stored before.
    var duplicatesAnswered: Int64 = 0
    /// Messages that the server refused for now (`store-unavailable`, `too-fast`).
    var refused: Int64 = 0

    // How connections ended.
    var leftClean: Int64 = 0
    var leftAbruptly: Int64 = 0
    var leftMidFrame: Int64 = 0
    var toldGoingAway: Int64 = 0
    var toldTooSlow: Int64 = 0
    /// Ended by the server, or its machine, without a word.
    var cutOff: Int64 = 0
    /// Attempts to connect that came to nothing.
    var unconnected: Int64 = 0
    /// Sessions that ended, or never began, since the server could not reach its store.
    var turnedAway: Int64 = 0

    // What came.
    /// Answers to subscriptions that went on from a position.
    var resumes: Int64 = 0
    /// Such answers that said `reset`: the stream has begun another life.
    var resets: Int64 = 0
    /// Such answers that said `gap`: what came before is kept no more.
    var gaps: Int64 = 0
    /// Deliveries that a member never had, and was told so by one of these.
    var told: Int64 = 0
    var deliveries: Int64 = 0
    /// Deliveries that were repeated as they had to be, not having been acknowledged.
    var redelivered: Int64 = 0
    /// Acknowledgements that the server took note of.
    var acknowledged: Int64 = 0
    /// Who came, went, typed or read.
    var events: Int64 = 0

    // What is wrong.
    /// Deliveries that some member never had, and messages that are nowhere.
    var lost: Int64 = 0
    /// Deliveries that came again, and messages that are stored twice.
    var duplicated: Int64 = 0
    /// Deliveries behind later ones, and messages stored behind later ones of their author.
    var reordered: Int64 = 0
    /// Something else at an offset than another member or a receipt said; an offset below one that
    /// was told before; another epoch than the one that was told.
    var contradicted: Int64 = 0
    /// Messages that nobody asked for.
    var strayed: Int64 = 0
    /// Goodbyes that were answered before what was published before them.
    var earlyGoodbyes: Int64 = 0
    /// Messages that have no receipt in the end.
    var receiptsMissing: Int64 = 0

    /// `lost 3` for all that is wrong. Where there may be outages, an honest `reset` or `gap` is not.
    func wrong(besideOutages mayHaveOutages: Bool) -> [String] {
        let incomplete = mayHaveOutages ? 0 : resets + gaps
        return ResultTable.counts([
            ("lost", lost), ("duplicated", duplicated), ("reordered", reordered),
            ("contradicted", contradicted), ("strayed", strayed),
            ("incomplete resumes", incomplete), ("early goodbyes", earlyGoodbyes),
            ("receipts missing", receiptsMissing),
        ])
    }
}
