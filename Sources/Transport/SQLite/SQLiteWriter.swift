import CSQLite
import Engine

/// Performs batches of writes, each in one transaction, and answers everybody once it is durable.
struct SQLiteWriter {
    /// What became of a batch.
    enum Outcome: Sendable {
        /// It is on the disk.
        case committed
        /// There was nothing to put on the disk.
        case unchanged
        /// It was rolled back, for this reason.
        case failed(String)
    }

    private let connection: SQLiteConnection
    private var streams: SQLiteStreamWriter
    private var records: SQLiteRecordWriter
    private let begin: SQLiteStatement
    private let commit: SQLiteStatement
    private let rollBack: SQLiteStatement
    private let touchProbe: SQLiteStatement
    private let readDataVersion: SQLiteStatement
    /// Changes when another process writes to the file.
    private var dataVersion: Int64 = 0

    init(_ connection: SQLiteConnection, epoch: Epoch) throws(SQLiteError) {
        streams = try SQLiteStreamWriter(connection, epoch: epoch)
        records = try SQLiteRecordWriter(connection)
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollBack = try connection.prepare("ROLLBACK")
        touchProbe = try connection.prepare(
            "UPDATE meta SET value = (value + 1) & 255 WHERE name = 'probe'")
        readDataVersion = try connection.prepare("PRAGMA data_version")
        self.connection = connection
    }

    /// Commits the batch, then announces, then replies in order; or rolls all of it back and
    /// refuses everybody. Calls `decided` before anybody hears of it.
    mutating func perform(
        _ batch: ArraySlice<SQLiteWrite>, nowMs: Int64, decided: (Outcome) -> Void
    ) {
        var replies: [() -> Void] = []
        replies.reserveCapacity(batch.count)
        let changedBefore = connection.totalChangedRows
        do throws(SQLiteError) {
            try begin.run()
            try noticeOtherWriters()
            for write in batch {
                if let reply = try perform(write, nowMs: nowMs) { replies.append(reply) }
            }
            try streams.prepareCommit(nowMs: nowMs)
            try records.prepareCommit(nowMs: nowMs)
            try commit.run()
        } catch {
            recover(from: error, in: batch)
            decided(.failed(error.description))
            for write in batch { write.refuse(.unavailable(error.description)) }
            return
        }
        decided(connection.totalChangedRows == changedBefore ? .unchanged : .committed)
        streams.announce()
        for reply in replies { reply() }
    }

    /// Moves what the log holds into the database file, as far as readers allow.
    func checkpoint() throws(SQLiteError) {
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Bounds the file's size in pages; SQLite answers "full" beyond it. A hook for tests of a full
    /// disk.
    func limitPages(to count: Int) throws(SQLiteError) {
        try connection.execute("PRAGMA max_page_count = \(count)")
    }

    /// Does one piece of work inside the transaction, and returns how to answer it afterwards.
    private mutating func perform(
        _ write: SQLiteWrite, nowMs: Int64
    ) throws(SQLiteError) -> (() -> Void)? {
        switch write {
        case .append(let draft, let name, let retention, let reply):
            let appended = try streams.append(draft, to: name, keeping: retention, nowMs: nowMs)
            return { reply(.success(appended)) }
        case .attach(let listener, let name, let retention, let reply):
            let page = try streams.attach(listener, to: name, keeping: retention, nowMs: nowMs)
            return { reply(.success(page)) }
        case .detach(let name):
            streams.detach(name)
            return nil
        case .trim(let name, let retention):
            try streams.trim(name, keeping: retention, nowMs: nowMs)
            return nil
        case .commit(let changes, let reply):
            let conflict = try records.commit(changes, nowMs: nowMs)
            return { reply(conflict.map { .failure(.conflict($0)) } ?? .success(())) }
        case .advance(let counter, let amount, let reply):
            let value = try records.advance(counter, by: amount)
            return { reply(.success(value)) }
        case .probe(let reply):
            try touchProbe.run()
            return { reply(.success(())) }
        }
    }

    private mutating func noticeOtherWriters() throws(SQLiteError) {
        let version = try readDataVersion.first { $0.int64(0) } ?? 0
        if version != dataVersion { streams.forgetTables() }
        dataVersion = version
    }

    /// Makes the connection and the caches ready for the next batch after a failure.
    private mutating func recover(from error: SQLiteError, in batch: ArraySlice<SQLiteWrite>) {
        // Where even the rollback fails, the next BEGIN does too, and its batch ends here again.
        if connection.isInTransaction { try? rollBack.run() }
        // A log whose pages are all in the file is written from its start again, and needs no more
        // room for a while. Where the file has none either, an operator must make some.
        if error.primaryCode == SQLITE_FULL {
            try? connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        }
        let detached = batch.compactMap { write in
            if case .detach(let name) = write { name } else { nil }
        }
        streams.forget(detaching: detached)
    }
}
