/// How a room that missed something reads it back: from where, up to where, and who waits for it.
///
/// Nothing of what is announced meanwhile is kept but how far it goes: it is read back, too, so that
/// an outage of any length takes no memory. A pure state machine: the room actor performs what it
/// decides.
struct RoomRepair: Sendable {
    /// What the room has delivered; its members stay, and get the rest in order.
    let log: RoomLog
    /// The last offset that was heard of.
    private(set) var goal: UInt64
    /// Joins that wait for the read under way, or the next one.
    private(set) var waiting: [JoinRequest] = []
    /// Whether a read is under way; else there is a pause after one that failed.
    private(set) var isReading = true
    /// Reads in a row that failed.
    private var failures = 0
    /// Whether an announcement may still end a pause: after a read that came of one failed, time has
    /// to pass first, so that a stream that can be heard and not read isn't read for every message.
    private var listens = true

    /// The first pause and the longest; each is twice as long as the one before.
    private static let pauseMs: (first: Int64, max: Int64) = (50, 1_000)

    init(of log: RoomLog, upTo goal: UInt64) {
        self.log = log
        self.goal = goal
    }

    /// The repair after a page filled part of the gap.
    func advanced(to log: RoomLog) -> RoomRepair {
        var next = RoomRepair(of: log, upTo: goal)
        next.waiting = waiting
        return next
    }

    mutating func wait(_ request: JoinRequest) {
        waiting.append(request)
    }

    /// Takes note of an announcement, of an epoch that may be another than the log's; true where a
    /// read is to be begun, since who hears the broker may reach it.
    mutating func hear(upTo offset: UInt64, _ epoch: Epoch) -> Bool {
        if epoch == log.epoch { goal = max(goal, offset) }
        guard !isReading, listens else { return false }
        listens = false
        isReading = true
        return true
    }

    /// Begins a pause after a read that failed; nobody waits for longer than one read.
    mutating func pause() -> (ms: Int64, refused: [JoinRequest]) {
        isReading = false
        let ms = min(Self.pauseMs.first << min(failures, 16), Self.pauseMs.max)
        failures += 1
        return (ms, exchange(&waiting, with: []))
    }

    /// Whether a read is to be begun after a pause has passed, rather than one is under way already.
    mutating func resume() -> Bool {
        listens = true
        guard !isReading else { return false }
        isReading = true
        return true
    }
}
