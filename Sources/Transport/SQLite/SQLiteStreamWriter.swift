import CSQLite
import Engine

/// Appends to kept streams inside the transaction of a batch, and tells their listeners once the
/// batch is durable.
///
/// A batch is a run of `append`, `attach`, `detach` and `trim`, then `prepareCommit`, then after
/// the commit `announce`, or after a failure `forget`.
struct SQLiteStreamWriter {
    /// What the writer knows of a stream without asking the database.
    private final class CachedStream {
        let name: StreamName
        let id: Int64
        var top: UInt64
        var floor: UInt64
        /// The top and the retention of the batch under way; nil where it doesn't append here.
        var topBeforeBatch: UInt64?
        var retention = Retention.nothing
        /// Appended in this batch, and not announced yet.
        var unannounced: [Publication] = []

        init(_ name: StreamName, _ stream: SQLiteStreamReader.Stream) {
            self.name = name
            id = stream.id
            top = stream.top
            floor = stream.floor
        }

        var row: SQLiteStreamReader.Stream {
            SQLiteStreamReader.Stream(id: id, top: top, floor: floor)
        }
    }

    /// A change of listeners, which takes effect between two publications of the batch.
    private struct ListenerChange {
        let name: StreamName
        let listener: (any StreamListener)?
        /// The old listener hears what is up to here, the new one what is above.
        let top: UInt64
    }

    /// A stream is trimmed whenever its top passes a multiple of this.
    private static let trimInterval: UInt64 = 64
    /// Entries that one batch deletes at most, so that a shortened retention can't hold up the
    /// commits of everybody.
    private static let trimMax: UInt64 = 10_000
    /// The streams whose tops are remembered; beyond it all of them are read again.
    private static let cachedStreamsMax = 100_000

    private let epoch: Epoch
    private let reader: SQLiteStreamReader
    private let insertStream: SQLiteStatement
    private let updateStream: SQLiteStatement
    private let insertEntry: SQLiteStatement
    private let deleteEntries: SQLiteStatement

    private var listeners: [StreamName: any StreamListener] = [:]
    private var listenerChanges: [ListenerChange] = []
    private var cache: [StreamName: CachedStream] = [:]
    /// The streams that the batch appends to, in the order of their first appends.
    private var touched: [CachedStream] = []
    private var keys: SQLitePublishKeys
    /// Entries that the batch may still delete.
    private var trimLeft = Self.trimMax

    init(_ connection: SQLiteConnection, epoch: Epoch) throws(SQLiteError) {
        self.epoch = epoch
        reader = try SQLiteStreamReader(connection)
        insertStream = try connection.prepare(
            "INSERT INTO streams (name, top, floor) VALUES (?1, 0, 1) RETURNING id")
        updateStream = try connection.prepare(
            "UPDATE streams SET top = ?2, floor = ?3 WHERE id = ?1")
        insertEntry = try connection.prepare(
            """
            INSERT INTO entries
                (stream, "offset", at_ms, sender, sender_name, content_type, body)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        deleteEntries = try connection.prepare(
            "DELETE FROM entries WHERE stream = ?1 AND \"offset\" < ?2")
        keys = try SQLitePublishKeys(connection)
    }

    /// Stores the draft at the next offset, or finds where its key was stored before.
    mutating func append(
        _ draft: Draft, to name: StreamName, keeping retention: Retention, nowMs: Int64
    ) throws(SQLiteError) -> Appended {
        let stream = if let known = try cachedStream(name) { known } else { try createStream(name) }
        if let key = draft.idempotencyKey {
            let known = try keys.offset(
                of: key, from: draft.sender, inStream: stream.id, nowMs: nowMs)
            if let known {
                let position = Position(epoch: epoch, offset: known)
                return Appended(position: position, isDuplicate: true)
            }
            try keys.insert(
                key, from: draft.sender, inStream: stream.id, offset: stream.top + 1, nowMs: nowMs)
        }
        let publication = Publication(draft, offset: stream.top + 1)
        try insert(publication, into: stream)
        if stream.topBeforeBatch == nil {
            stream.topBeforeBatch = stream.top
            touched.append(stream)
        }
        stream.top = publication.offset
        stream.retention = retention
        stream.unannounced.append(publication)
        let position = Position(epoch: epoch, offset: publication.offset)
        return Appended(position: position, isDuplicate: false)
    }

    /// Makes `listener` hear what follows the answer's top, once the batch is committed.
    mutating func attach(
        _ listener: any StreamListener, to name: StreamName, keeping retention: Retention,
        nowMs: Int64
    ) throws(SQLiteError) -> StreamPage {
        let row = try cachedStream(name)?.row
        let top = row?.top ?? 0
        var floor: UInt64 = 1
        if let row { floor = try reader.floor(of: row, keeping: retention, nowMs: nowMs) }
        listenerChanges.append(ListenerChange(name: name, listener: listener, top: top))
        return StreamPage(epoch: epoch, publications: [], floor: floor, top: top)
    }

    /// Ends what `attach` began, once the batch is committed.
    mutating func detach(_ name: StreamName) {
        // A stream that isn't cached has nothing to announce in this batch.
        let top = cache[name]?.top ?? 0
        listenerChanges.append(ListenerChange(name: name, listener: nil, top: top))
    }

    /// Deletes entries that `retention` doesn't keep, the oldest first, as many as one trimming may.
    mutating func trim(
        _ name: StreamName, keeping retention: Retention, nowMs: Int64
    ) throws(SQLiteError) {
        // A stream that this batch appends to is trimmed by its appends.
        guard let stream = try cachedStream(name), stream.topBeforeBatch == nil else { return }
        try trim(stream, keeping: retention, nowMs: nowMs)
    }

    /// The end of a batch's work: the last writes before the commit.
    mutating func prepareCommit(nowMs: Int64) throws(SQLiteError) {
        for stream in touched {
            let before = stream.topBeforeBatch ?? stream.top
            if before / Self.trimInterval != stream.top / Self.trimInterval {
                try trim(stream, keeping: stream.retention, nowMs: nowMs)
            }
        }
        trimLeft = Self.trimMax
        try keys.sweep(nowMs: nowMs)
    }

    /// Tells every listener what the committed batch holds for it, in one call per stream.
    mutating func announce() {
        for change in listenerChanges {
            if let stream = cache[change.name] {
                let known = stream.unannounced.prefix { $0.offset <= change.top }
                stream.unannounced.removeFirst(known.count)
                tell(Array(known), of: change.name)
            }
            listeners[change.name] = change.listener
        }
        listenerChanges.removeAll(keepingCapacity: true)
        for stream in touched {
            tell(stream.unannounced, of: stream.name)
            stream.unannounced.removeAll()
            stream.topBeforeBatch = nil
        }
        touched.removeAll(keepingCapacity: true)
        if cache.count > Self.cachedStreamsMax { cache.removeAll() }
    }

    /// Drops all that was remembered of a batch that was rolled back. Its detachments take effect
    /// all the same, since they need no database.
    mutating func forget(detaching names: [StreamName]) {
        for name in names { listeners[name] = nil }
        listenerChanges.removeAll()
        touched.removeAll()
        trimLeft = Self.trimMax
        forgetTables()
    }

    /// Drops what was remembered before a batch: another process has written to the file.
    mutating func forgetTables() {
        cache.removeAll()
        keys.forget()
    }

    private func tell(_ publications: [Publication], of name: StreamName) {
        guard !publications.isEmpty else { return }
        listeners[name]?.announced(publications, epoch: epoch)
    }

    private mutating func cachedStream(_ name: StreamName) throws(SQLiteError) -> CachedStream? {
        if let stream = cache[name] { return stream }
        guard let row = try reader.stream(name) else { return nil }
        let stream = CachedStream(name, row)
        cache[name] = stream
        return stream
    }

    private mutating func createStream(_ name: StreamName) throws(SQLiteError) -> CachedStream {
        try insertStream.bind(name.text, at: 1)
        guard let id = try insertStream.first({ $0.int64(0) }) else {
            throw SQLiteError(code: SQLITE_INTERNAL, words: "no id for a new stream")
        }
        let stream = CachedStream(name, SQLiteStreamReader.Stream(id: id, top: 0, floor: 1))
        cache[name] = stream
        return stream
    }

    private func insert(
        _ publication: Publication, into stream: CachedStream
    ) throws(SQLiteError) {
        try insertEntry.bind(stream.id, at: 1)
        try insertEntry.bind(Int64(publication.offset), at: 2)
        try insertEntry.bind(publication.timestampMs, at: 3)
        try insertEntry.bind(publication.sender.rawValue, at: 4)
        try insertEntry.bind(publication.senderName, at: 5)
        try insertEntry.bind(publication.contentType, at: 6)
        try insertEntry.bind(publication.body, at: 7)
        try insertEntry.run()
    }

    private mutating func trim(
        _ stream: CachedStream, keeping retention: Retention, nowMs: Int64
    ) throws(SQLiteError) {
        let due = try reader.floor(
            of: stream.row, keeping: retention, nowMs: nowMs, scanMax: trimLeft)
        let floor = min(due, stream.floor + trimLeft)
        guard floor > stream.floor else { return }
        try deleteEntries.bind(stream.id, at: 1)
        try deleteEntries.bind(Int64(floor), at: 2)
        try deleteEntries.run()
        trimLeft -= floor - stream.floor
        stream.floor = floor
        try updateStream.bind(stream.id, at: 1)
        try updateStream.bind(Int64(stream.top), at: 2)
        try updateStream.bind(Int64(stream.floor), at: 3)
        try updateStream.run()
    }
}
