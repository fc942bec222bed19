import Engine

/// The streams of a single node: kept ones in the embedded database, the others in memory.
///
/// A stream is either kept or not: one that was used with `Retention.nothing` and is then used with
/// another is a second stream of that name, with an epoch of its own. Idempotency keys are
/// remembered for kept streams only. Members are in memory, too: they leave with the process.
public struct SQLiteBroker: Broker {
    private let database: SQLiteDatabase
    private let passThrough: PassThroughStreams

    public init(_ database: SQLiteDatabase) {
        self.database = database
        passThrough = PassThroughStreams(firstEpoch: database.processEpoch)
    }

    public func attach(
        _ listener: any StreamListener, to stream: StreamName, keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        guard retention.keepsAnything else { return passThrough.attach(listener, to: stream) }
        let result: Result<StreamPage, BrokerError> = await withCheckedContinuation {
            continuation in
            database.submit(
                .attach(listener, stream, keeping: retention) { continuation.resume(returning: $0) }
            )
        }
        return try result.get()
    }

    public func detach(_ stream: StreamName) {
        passThrough.detach(stream)
        database.submit(.detach(stream))
    }

    public func append(
        _ draft: Draft, to stream: StreamName, keeping retention: Retention,
        reply: @escaping @Sendable (Result<Appended, BrokerError>) -> Void
    ) {
        if retention.keepsAnything {
            database.submit(.append(draft, stream, keeping: retention, reply))
        } else {
            passThrough.append(draft, to: stream, reply: reply)
        }
    }

    public func read(
        _ stream: StreamName, after offset: UInt64, atMost limit: PageLimit,
        keeping retention: Retention
    ) async throws(BrokerError) -> StreamPage {
        guard retention.keepsAnything else { return passThrough.page(of: stream) }
        let epoch = database.epoch
        let nowMs = database.now()
        let found: Found
        do throws(SQLiteRefusal) {
            found = try await database.read { reader throws(SQLiteError) in
                try Self.page(
                    of: stream, after: offset, limit: limit, keeping: retention, epoch: epoch,
                    nowMs: nowMs, from: reader)
            }
        } catch {
            throw BrokerError(error)
        }
        if found.overdue >= Self.overdueMax {
            database.submit(.trim(stream, keeping: retention))
        }
        return found.page
    }

    public func tops(
        of streams: [StreamName], keeping retention: Retention
    ) async throws(BrokerError) -> [StreamTop] {
        guard retention.keepsAnything else { return passThrough.tops(of: streams) }
        let epoch = database.epoch
        let nowMs = database.now()
        do throws(SQLiteRefusal) {
            return try await database.read { reader throws(SQLiteError) in
                try streams.map { name throws(SQLiteError) in
                    try Self.top(
                        of: name, keeping: retention, epoch: epoch, nowMs: nowMs, from: reader)
                }
            }
        } catch {
            throw BrokerError(error)
        }
    }

    public func enter(_ member: Member, _ stream: StreamName) {
        passThrough.enter(member, stream, nowMs: database.now())
    }

    public func leave(_ user: UserID, _ stream: StreamName) {
        passThrough.leave(user, stream, nowMs: database.now())
    }

    public func attendance(of stream: StreamName) async throws(BrokerError) -> Attendance {
        passThrough.attendance(of: stream)
    }

    /// What is appended is announced in the same process.
    public var losesAnnouncements: Bool { false }

    /// What a read found: the page, and how many entries it had to pass over for their age.
    private struct Found: Sendable {
        let page: StreamPage
        let overdue: UInt64
    }

    /// Appends trim a stream; one that fell silent is trimmed when a read passes over so many.
    private static let overdueMax: UInt64 = 1_000

    private static func page(
        of name: StreamName, after offset: UInt64, limit: PageLimit, keeping retention: Retention,
        epoch: Epoch, nowMs: Int64, from reader: SQLiteReader
    ) throws(SQLiteError) -> Found {
        guard let stream = try reader.streams.stream(name) else {
            let page = StreamPage(epoch: epoch, publications: [], floor: 1, top: 0)
            return Found(page: page, overdue: 0)
        }
        let floor = try reader.streams.floor(of: stream, keeping: retention, nowMs: nowMs)
        let publications = try reader.streams.publications(
            of: stream, from: max(floor, min(offset, stream.top) + 1), limit: limit)
        let page = StreamPage(
            epoch: epoch, publications: publications, floor: floor, top: stream.top)
        return Found(page: page, overdue: floor - stream.floor)
    }

    private static func top(
        of name: StreamName, keeping retention: Retention, epoch: Epoch, nowMs: Int64,
        from reader: SQLiteReader
    ) throws(SQLiteError) -> StreamTop {
        guard let stream = try reader.streams.stream(name) else {
            return StreamTop(epoch: epoch, top: 0, floor: 1, newest: nil)
        }
        let floor = try reader.streams.floor(of: stream, keeping: retention, nowMs: nowMs)
        let newest = try reader.streams.publications(
            of: stream, from: max(floor, stream.top), limit: PageLimit(countMax: 1))
        return StreamTop(epoch: epoch, top: stream.top, floor: floor, newest: newest.first)
    }
}

extension Retention {
    /// False where a stream only passes through.
    var keepsAnything: Bool { countMax > 0 }
}
