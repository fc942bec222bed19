import Engine

/// Reads kept streams over one connection. Each call must run inside a transaction, so that all
/// that it reads is one snapshot.
struct SQLiteStreamReader {
    /// A stream's row.
    struct Stream {
        let id: Int64
        let top: UInt64
        /// The oldest offset whose entry exists; top + 1 where none does.
        let floor: UInt64
    }

    private let findStream: SQLiteStatement
    private let findYounger: SQLiteStatement
    private let readEntries: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        // The row's own top is as of the last trimming; what came since is in the entries.
        findStream = try connection.prepare(
            """
            SELECT id, max(top, coalesce(
                (SELECT max("offset") FROM entries WHERE stream = streams.id), 0)), floor
            FROM streams WHERE name = ?1
            """)
        findYounger = try connection.prepare(
            """
            SELECT "offset" FROM entries
            WHERE stream = ?1 AND "offset" >= ?2 AND "offset" < ?3 AND at_ms >= ?4
            ORDER BY "offset" LIMIT 1
            """)
        readEntries = try connection.prepare(
            """
            SELECT "offset", at_ms, sender, sender_name, content_type, body FROM entries
            WHERE stream = ?1 AND "offset" >= ?2 ORDER BY "offset" LIMIT ?3
            """)
    }

    /// The stream of that name; nil where nobody has written to it.
    func stream(_ name: StreamName) throws(SQLiteError) -> Stream? {
        try findStream.bind(name.text, at: 1)
        return try findStream.first { row in
            Stream(
                id: row.int64(0), top: UInt64(row.int64(1)), floor: UInt64(row.int64(2)))
        }
    }

    /// The oldest offset that `retention` keeps.
    ///
    /// Age trims from the oldest end only, up to the first entry that is young enough: what remains
    /// is consecutive even where the clock went back. At most `scanMax` entries are looked at.
    func floor(
        of stream: Stream, keeping retention: Retention, nowMs: Int64, scanMax: UInt64 = .max
    ) throws(SQLiteError) -> UInt64 {
        let countMax = UInt64(max(retention.countMax, 0))
        let floor = max(stream.floor, stream.top - min(stream.top, countMax) + 1)
        guard let ageMaxMs = retention.ageMaxMs, floor <= stream.top else { return floor }
        let end = floor + min(scanMax, stream.top + 1 - floor)
        try findYounger.bind(stream.id, at: 1)
        try findYounger.bind(Int64(floor), at: 2)
        try findYounger.bind(Int64(end), at: 3)
        try findYounger.bind(nowMs.subtractingClamped(ageMaxMs), at: 4)
        return try findYounger.first { UInt64($0.int64(0)) } ?? end
    }

    /// Publications from `first` on, oldest first, as many as the limit allows.
    func publications(
        of stream: Stream, from first: UInt64, limit: PageLimit
    ) throws(SQLiteError) -> [Publication] {
        guard first <= stream.top, limit.countMax > 0 else { return [] }
        try readEntries.bind(stream.id, at: 1)
        try readEntries.bind(Int64(first), at: 2)
        try readEntries.bind(Int64(limit.countMax), at: 3)
        var publications: [Publication] = []
        publications.reserveCapacity(min(limit.countMax, Int(stream.top - first) + 1))
        var bytesLeft = limit.bytesMax
        try readEntries.forEach(while: { row in
            let body = row.bytes(5)
            guard publications.isEmpty || body.count <= bytesLeft else { return false }
            bytesLeft -= min(bytesLeft, body.count)
            publications.append(
                Publication(
                    offset: UInt64(row.int64(0)), sender: UserID(row.int64(2)),
                    senderName: row.text(3), contentType: row.text(4), body: body,
                    timestampMs: row.int64(1)))
            return true
        })
        return publications
    }
}

extension Int64 {
    /// The difference, or the nearest end of the range.
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflows) = subtractingReportingOverflow(other)
        return overflows ? (other > 0 ? .min : .max) : difference
    }
}
