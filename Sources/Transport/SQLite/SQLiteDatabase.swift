import Engine
import Synchronization

/// The embedded database: one file, one thread that writes, one that reads.
///
/// Everything that waits for the writer becomes one transaction (group commit), so that the cost of
/// a commit is shared by all who arrived during the one before. Nothing here blocks a caller but
/// `open` and `close`. A batch that can't be committed fails as a whole, and the next one tries
/// again, so that the store works again once its disk does.
public final class SQLiteDatabase: Sendable {
    /// Whether the last transaction reached the disk.
    public enum Health: Hashable, Sendable {
        case working
        /// It did not, for this reason.
        case failing(String)
    }

    typealias Read = @Sendable (SQLiteReader) -> Void

    /// Writes that one transaction holds at most: it bounds how long the last of them waits.
    private static let batchMax = 1_000
    /// What waiting writes may hold, in bytes.
    private static let waitingBytesMax = 128 * 1_024 * 1_024
    /// How long another process may hold the file's lock before a batch fails.
    static let busyTimeoutMs: Int32 = 5_000
    /// The database's file in the data directory.
    public static let fileName = "petnexus.db"

    /// The numbering of the kept streams. It lives as long as the file.
    public let epoch: Epoch
    /// A numbering that lives as long as this object.
    let processEpoch: Epoch
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
    /// Told on the writer's thread when commits begin to fail, and when they work again.
    private let healthChanged: @Sendable (Health) -> Void

    /// Nil once closed.
    private let writer: Mutex<SQLiteWriter?>
    private let reader: Mutex<SQLiteReader?>
    private let writes: BatchThread<SQLiteWrite>
    private let reads: BatchThread<Read>
    private let lastHealth = Mutex(Health.working)
    private let commits = Atomic(0)

    /// Opens the store in a directory, and makes both where they don't exist. Blocks.
    ///
    /// `random` gives the epochs, `now` the time in milliseconds since 1970. At most `waitingMax`
    /// writes and as many reads wait at a time; what is beyond is refused at once. The owner must
    /// `close` the database, which lives until then.
    public static func open(
        directory: String, using random: inout some RandomNumberGenerator,
        waitingMax: Int = 65_536, now: @escaping @Sendable () -> Int64,
        healthChanged: @escaping @Sendable (Health) -> Void = { _ in }
    ) throws(SQLiteOpenError) -> SQLiteDatabase {
        let newEpoch = Epoch(rawValue: random.next())
        let processEpoch = Epoch(rawValue: random.next())
        try DataDirectory.prepare(directory)
        let path = directory + "/" + fileName
        let connection = try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            try SQLiteConnection(path: path, busyTimeoutMs: busyTimeoutMs)
        }
        let epoch = try SQLiteSchema.prepare(connection, path: path, newEpoch: newEpoch)
        guard try !SQLiteSchema.hasUnfinishedCopy(connection, path: path) else {
            throw .unfinishedCopy(directory: directory)
        }
        let writer = try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            try SQLiteWriter(connection, epoch: epoch)
        }
        let reader = try SQLiteOpenError.naming(path) { () throws(SQLiteError) in
            try SQLiteReader(SQLiteConnection(path: path, busyTimeoutMs: busyTimeoutMs))
        }
        let database = SQLiteDatabase(
            writer: writer, reader: reader, epoch: epoch, processEpoch: processEpoch,
            waitingMax: waitingMax, now: now, healthChanged: healthChanged)
        database.start()
        return database
    }

    private init(
        writer: sending SQLiteWriter, reader: sending SQLiteReader,
        epoch: Epoch, processEpoch: Epoch, waitingMax: Int, now: @escaping @Sendable () -> Int64,
        healthChanged: @escaping @Sendable (Health) -> Void
    ) {
        self.writer = Mutex(writer)
        self.reader = Mutex(reader)
        self.epoch = epoch
        self.processEpoch = processEpoch
        self.now = now
        self.healthChanged = healthChanged
        writes = BatchThread(
            unfinishedMax: waitingMax, unfinishedBytesMax: Self.waitingBytesMax,
            batchMax: Self.batchMax, lingers: true)
        reads = BatchThread(
            unfinishedMax: waitingMax, batchMax: Self.batchMax, lingers: false)
    }

    /// Whether the last transaction that had something to write reached the disk. For `/readyz`;
    /// while it says failing, `probe` finds out whether that is still so.
    public var health: Health { lastHealth.withLock { $0 } }

    /// The transactions that have reached the disk since the database was opened.
    public var commitCount: Int { commits.load(ordering: .relaxed) }

    /// Writes a byte of no meaning, and returns the health that this showed.
    public func probe() async -> Health {
        let result: Result<Void, SQLiteRefusal> = await withCheckedContinuation { continuation in
            submit(.probe { continuation.resume(returning: $0) })
        }
        return switch result {
        case .success: .working
        case .failure(.overloaded): .failing("too much waits for the database")
        case .failure(.unavailable(let reason)): .failing(reason)
        }
    }

    /// Finishes what waits, refuses what comes later, moves the log into the file and closes it.
    /// Blocks; must not be called from a reply or a listener.
    public func close() {
        writes.close()
        reads.close()
        reader.withLock { $0 = nil }
        writer.withLock { writer in
            // Where this fails the log stays beside the file, and the next opening reads it.
            try? writer?.checkpoint()
            writer = nil
        }
    }

    /// Hands over a piece of work, which is answered exactly once.
    func submit(_ write: SQLiteWrite) {
        // A listener that stays attached for want of room in the queue would be a leak.
        let isUrgent = if case .detach = write { true } else { false }
        switch writes.submit(write, bytes: write.heldBytes, urgent: isUrgent) {
        case .admitted: break
        case .full: write.refuse(.overloaded)
        case .closed: write.refuse(.closed)
        }
    }

    /// Runs `read` on the reading thread, in one snapshot that holds every commit which was
    /// answered before this call.
    func read<Value: Sendable>(
        _ read: @escaping @Sendable (SQLiteReader) throws(SQLiteError) -> Value
    ) async throws(SQLiteRefusal) -> Value {
        let result: Result<Value, SQLiteRefusal> = await withCheckedContinuation { continuation in
            let admission = reads.submit { reader in
                let result = Result { () throws(SQLiteError) in try reader.snapshot(read) }
                continuation.resume(
                    returning: result.mapError { .unavailable($0.description) })
            }
            switch admission {
            case .admitted: break
            case .full: continuation.resume(returning: .failure(.overloaded))
            case .closed: continuation.resume(returning: .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Bounds the file's size, so that a test can fill the disk.
    package func limitPages(to count: Int) {
        writer.withLock { try? $0?.limitPages(to: count) }
    }

    private func start() {
        writes.start(name: "sqlite-write") { batch in
            self.writer.withLock { writer in
                writer?.perform(batch, nowMs: self.now()) { self.note($0) }
            }
        }
        reads.start(name: "sqlite-read") { batch in
            self.reader.withLock { reader in
                guard let reader else { return }
                for read in batch { read(reader) }
            }
        }
    }

    private func note(_ outcome: SQLiteWriter.Outcome) {
        switch outcome {
        case .committed:
            commits.add(1, ordering: .relaxed)
            note(.working)
        case .unchanged: break
        case .failed(let reason):
            note(.failing(reason))
        }
    }

    private func note(_ health: Health) {
        let hasChanged = lastHealth.withLock { last in
            defer { last = health }
            return last != health
        }
        if hasChanged { healthChanged(health) }
    }
}
