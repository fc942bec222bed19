import Engine

/// The idempotency keys of the last 24 hours, inside the transaction of a batch.
///
/// Keys lie together by the day they were stored on, and a day is searched by its primary key, so
/// that a new key touches one page, and forgetting needs no index by time: a day that is past is
/// deleted from its first key on.
struct SQLitePublishKeys {
    /// How long a key is remembered.
    private static let lifetimeMs: Int64 = 24 * 3_600_000
    private static let dayMs: Int64 = 24 * 3_600_000
    /// Keys of past days are deleted whenever so many new ones have come.
    private static let sweepInterval = 64

    private let findDay: SQLiteStatement
    private let findKey: SQLiteStatement
    private let insertKey: SQLiteStatement
    private let findKeyAfter: SQLiteStatement
    private let deleteKeysBefore: SQLiteStatement
    private let deleteDay: SQLiteStatement

    /// The days that have keys, the latest last: two or three, or more where a day had many times as
    /// many as those after it. Nil: to be asked of the database.
    private var days: [Int64]?
    private var newSinceSweep = 0

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        findDay = try connection.prepare(
            "SELECT day FROM recent_keys WHERE day > ?1 ORDER BY day LIMIT 1")
        findKey = try connection.prepare(
            """
            SELECT "offset" FROM recent_keys
            WHERE day = ?1 AND stream = ?2 AND sender = ?3 AND "key" = ?4 AND stored_ms > ?5
            """)
        insertKey = try connection.prepare(
            """
            INSERT OR REPLACE INTO recent_keys (day, stream, sender, "key", "offset", stored_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
        findKeyAfter = try connection.prepare(
            """
            SELECT stream, sender, "key" FROM recent_keys WHERE day = ?1
            ORDER BY stream, sender, "key" LIMIT 1 OFFSET ?2
            """)
        deleteKeysBefore = try connection.prepare(
            """
            DELETE FROM recent_keys
            WHERE day = ?1 AND (stream, sender, "key") < (?2, ?3, ?4)
            """)
        deleteDay = try connection.prepare("DELETE FROM recent_keys WHERE day = ?1")
    }

    /// Where the key was stored in the last 24 hours; nil where it was not.
    mutating func offset(
        of key: String, from sender: UserID, inStream stream: Int64, nowMs: Int64
    ) throws(SQLiteError) -> UInt64? {
        for day in try liveDays(nowMs: nowMs) {
            try findKey.bind(day, at: 1)
            try findKey.bind(stream, at: 2)
            try findKey.bind(sender.rawValue, at: 3)
            try findKey.bind(key, at: 4)
            try findKey.bind(nowMs - Self.lifetimeMs, at: 5)
            if let offset = try findKey.first({ UInt64($0.int64(0)) }) { return offset }
        }
        return nil
    }

    /// Remembers the key.
    mutating func insert(
        _ key: String, from sender: UserID, inStream stream: Int64, offset: UInt64, nowMs: Int64
    ) throws(SQLiteError) {
        let day = nowMs / Self.dayMs
        let known = try knownDays()
        if !known.contains(day) { days = (known + [day]).sorted() }
        try insertKey.bind(day, at: 1)
        try insertKey.bind(stream, at: 2)
        try insertKey.bind(sender.rawValue, at: 3)
        try insertKey.bind(key, at: 4)
        try insertKey.bind(Int64(offset), at: 5)
        try insertKey.bind(nowMs, at: 6)
        try insertKey.run()
        newSinceSweep += 1
    }

    /// Deletes keys of the oldest day once all of that day's have expired: of many batches together
    /// twice as many as came in, so that a backlog shrinks and no batch waits for it.
    mutating func sweep(nowMs: Int64) throws(SQLiteError) {
        guard newSinceSweep >= Self.sweepInterval else { return }
        let countMax = 2 * newSinceSweep
        newSinceSweep = 0
        guard let day = try knownDays().first, Self.isOver(day, nowMs: nowMs) else { return }
        try findKeyAfter.bind(day, at: 1)
        try findKeyAfter.bind(Int64(countMax), at: 2)
        let next = try findKeyAfter.first { ($0.int64(0), $0.int64(1), $0.text(2)) }
        if let (stream, sender, key) = next {
            try deleteKeysBefore.bind(day, at: 1)
            try deleteKeysBefore.bind(stream, at: 2)
            try deleteKeysBefore.bind(sender, at: 3)
            try deleteKeysBefore.bind(key, at: 4)
            try deleteKeysBefore.run()
        } else {
            try deleteDay.bind(day, at: 1)
            try deleteDay.run()
            days?.removeFirst()
        }
    }

    /// Drops what was remembered of the database: a batch was rolled back, or another process has
    /// written.
    mutating func forget() {
        days = nil
    }

    /// The days on which a key may have been stored that still holds, the latest first: at most two,
    /// while the clock does not go back, however many wait to be deleted.
    mutating func liveDays(nowMs: Int64) throws(SQLiteError) -> [Int64] {
        try knownDays().reversed().filter { !Self.isOver($0, nowMs: nowMs) }
    }

    private static func isOver(_ day: Int64, nowMs: Int64) -> Bool {
        (day + 1) * dayMs + lifetimeMs <= nowMs
    }

    private mutating func knownDays() throws(SQLiteError) -> [Int64] {
        if let days { return days }
        var found: [Int64] = []
        try findDay.bind(.min, at: 1)
        while let day = try findDay.first({ $0.int64(0) }) {
            found.append(day)
            try findDay.bind(day, at: 1)
        }
        days = found
        return found
    }
}
