import Engine

/// A small file beside the database that other storage keeps as a record.
public struct ArchiveKeyFile: Sendable {
    let key: RecordKey
    let read: @Sendable () throws -> [UInt8]?
    /// Makes the file, or leaves one that is there.
    let create: @Sendable ([UInt8]) throws -> Void
    let remove: @Sendable () throws -> Void

    public init(
        of key: RecordKey, read: @escaping @Sendable () throws -> [UInt8]?,
        create: @escaping @Sendable ([UInt8]) throws -> Void,
        remove: @escaping @Sendable () throws -> Void
    ) {
        self.key = key
        self.read = read
        self.create = create
        self.remove = remove
    }
}

/// A data directory as an archive. Pinned to a loop that has nothing else to do, since it blocks.
actor SQLiteArchive: Archive {
    nonisolated let identity: String
    nonisolated private let loop: any Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let directory: String
    private let keyFile: ArchiveKeyFile
    private let newEpoch: Epoch
    /// Nil until it is used.
    private var connection: SQLiteConnection?
    private var writer: SQLiteArchiveWriter?

    private static let batchBytesMax = 1 << 20
    private static let batchCountMax = 1_000

    init(
        directory: String, keyFile: ArchiveKeyFile, newEpoch: Epoch, on loop: any Loop
    ) {
        identity = directory
        self.directory = directory
        self.keyFile = keyFile
        self.newEpoch = newEpoch
        self.loop = loop
    }

    func epoch() async throws(ArchiveFailure) -> Epoch? {
        let value = try integer("SELECT value FROM meta WHERE name = 'epoch'")
        return value.map { Epoch(rawValue: UInt64(bitPattern: $0)) }
    }

    func setEpoch(_ epoch: Epoch) async throws(ArchiveFailure) {
        try execute(Self.numbering(epoch))
    }

    func finish(numberedBy epoch: Epoch) async throws(ArchiveFailure) {
        try execute(
            """
            BEGIN IMMEDIATE; \(Self.numbering(epoch));
            DROP TABLE IF EXISTS \(SQLiteSchema.unfinishedCopy); COMMIT
            """)
    }

    private static func numbering(_ epoch: Epoch) -> String {
        "UPDATE meta SET value = \(Int64(bitPattern: epoch.rawValue)) WHERE name = 'epoch'"
    }

    /// Whoever serves from a directory holds its lock, which is the caller's business.
    func isServed() -> Bool { false }

    func read(
        from cursor: ArchiveCursor?, nowMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveBatch {
        let connection = try open()
        var items: [ArchiveItem] = []
        guard let place = cursor.map({ SQLiteArchivePlace($0) }) ?? nil else {
            if let bytes = try file({ try keyFile.read() }) {
                items.append(.record(keyFile.key, Record(value: bytes, version: 1)))
            }
            return ArchiveBatch(
                items: items,
                next: SQLiteArchivePlace(table: SQLiteArchiveTable.allCases[0], key: nil).cursor)
        }
        var last: [SQLiteArchiveValue]?
        var left = Self.batchBytesMax
        var isWhole = true
        try naming { () throws(SQLiteError) in
            let statement = try connection.prepare(place.table.select(after: place.key))
            try place.bind(to: statement, countMax: Self.batchCountMax + 1)
            var count = 0
            try statement.forEach { row in
                guard left > 0, count < Self.batchCountMax else {
                    isWhole = false
                    return false
                }
                let item = place.table.item(in: row)
                if item.expiresAtMs.map({ $0 > nowMs }) ?? true { items.append(item) }
                left -= item.heldBytes
                count += 1
                last = place.table.key(of: row)
                return true
            }
        }
        let next =
            isWhole
            ? place.table.next.map { SQLiteArchivePlace(table: $0, key: nil) }
            : SQLiteArchivePlace(table: place.table, key: last)
        return ArchiveBatch(items: items, next: next?.cursor)
    }

    func count() async throws(ArchiveFailure) -> Int {
        var count = 0
        for table in SQLiteArchiveTable.allCases {
            count += Int(try integer("SELECT count(*) FROM \(table.rawValue)") ?? 0)
        }
        return count
    }

    func isEmpty() async throws(ArchiveFailure) -> Bool {
        for table in SQLiteArchiveTable.allCases {
            let query = "SELECT EXISTS (SELECT 1 FROM \(table.rawValue))"
            if try integer(query) != 0 { return false }
        }
        return try file { try keyFile.read() } == nil
    }

    func clear() async throws(ArchiveFailure) -> Bool {
        let deletions = SQLiteArchiveTable.allCases.map { "DELETE FROM \($0.rawValue);" }
        try execute("BEGIN IMMEDIATE; \(deletions.joined()) COMMIT")
        try file { try keyFile.remove() }
        return true
    }

    func unfinishedCopy() async throws(ArchiveFailure) -> UnfinishedCopy? {
        let connection = try open()
        let found = try integer(
            "SELECT count(*) FROM sqlite_schema WHERE name = '\(SQLiteSchema.unfinishedCopy)'")
        guard found != 0 else { return nil }
        let text = try naming { () throws(SQLiteError) in
            try connection.prepare("SELECT note FROM \(SQLiteSchema.unfinishedCopy)")
                .first { $0.text(0) }
        }
        guard let note = text.flatMap(UnfinishedCopy.init) else {
            throw ArchiveFailure("\(directory): the note of an unfinished copy can't be read")
        }
        return note
    }

    func write(
        _ items: [ArchiveItem], noting note: UnfinishedCopy, nowMs: Int64
    ) async throws(ArchiveFailure) {
        let connection = try open()
        for case .record(let key, let record) in items where key == keyFile.key {
            try file { try keyFile.create(record.value) }
        }
        let writer = try naming { () throws(SQLiteError) in
            if let known = self.writer { return known }
            return try SQLiteArchiveWriter(connection)
        }
        self.writer = writer
        let key = keyFile.key
        let rows = items.filter { item in
            if case .record(key, _) = item { false } else { true }
        }
        try naming { () throws(SQLiteError) in
            try connection.execute("BEGIN IMMEDIATE")
            do throws(SQLiteError) {
                for item in rows { try writer.write(item) }
                try writer.note(note)
                try connection.execute("COMMIT")
            } catch {
                // The error that led here says more than one of the rollback.
                if connection.isInTransaction { try? connection.execute("ROLLBACK") }
                throw error
            }
        }
    }

    /// Moves everything into the database's file and lets go of it.
    func close() {
        // Where this fails, the log stays beside the file and the next opening reads it.
        try? connection?.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer = nil
        connection = nil
    }

    private func open() throws(ArchiveFailure) -> SQLiteConnection {
        if let connection { return connection }
        do throws(SQLiteOpenError) {
            try DataDirectory.prepare(directory)
            let path = directory + "/" + SQLiteDatabase.fileName
            let connection = try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
                try SQLiteConnection(path: path, busyTimeoutMs: SQLiteDatabase.busyTimeoutMs)
            }
            _ = try SQLiteSchema.prepare(connection, path: path, newEpoch: newEpoch)
            self.connection = connection
            return connection
        } catch {
            throw ArchiveFailure(error.description)
        }
    }

    private func integer(_ query: String) throws(ArchiveFailure) -> Int64? {
        let connection = try open()
        return try naming { () throws(SQLiteError) in try connection.integer(query) }
    }

    private func execute(_ sql: String) throws(ArchiveFailure) {
        let connection = try open()
        try naming { () throws(SQLiteError) in try connection.execute(sql) }
    }

    private func naming<Value>(
        _ step: () throws(SQLiteError) -> Value
    ) throws(ArchiveFailure) -> Value {
        do throws(SQLiteError) {
            return try step()
        } catch {
            throw ArchiveFailure("\(directory): \(error.description)")
        }
    }

    private func file<Value>(_ step: () throws -> Value) throws(ArchiveFailure) -> Value {
        do {
            return try step()
        } catch {
            throw ArchiveFailure("\(directory): \(error)")
        }
    }
}
