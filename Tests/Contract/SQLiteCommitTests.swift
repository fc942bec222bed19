import Dispatch
import Engine
import TestSupport
import Testing
import Transport

/// The writing thread: who shares a transaction, and what happens when it fails.
struct SQLiteCommitTests {
    private let room = StreamName("chat/1")

    @Test
    func `commits in one transaction what waited during the one before`() async throws {
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: room, keeping: .plenty)
            let gate = try await GateListener.holdUp(broker)
            let before = database.commitCount
            for number in 1...100 {
                broker.append(Draft("\(number)"), to: room, keeping: .plenty) { _ in }
            }
            gate.open()
            await listener.hears(100)
            #expect(database.commitCount == before + 1)
            #expect(listener.callCount == 1)
        }
    }

    @Test
    func `refuses at once what is beyond its bound, and takes more afterwards`() async throws {
        try await withDatabase(waitingMax: 10) { database in
            let broker = SQLiteBroker(database)
            let gate = try await GateListener.holdUp(broker)
            let (results, replied) = AsyncStream.makeStream(of: Result<Appended, BrokerError>.self)
            for number in 1...20 {
                broker.append(Draft("\(number)"), to: room, keeping: .plenty) { replied.yield($0) }
            }
            var iterator = results.makeAsyncIterator()
            // One place is taken by what the gate holds up; refusals don't wait for it.
            for _ in 10...20 {
                guard case .failure(.overloaded) = await iterator.next() else {
                    Issue.record("not refused")
                    return
                }
            }
            gate.open()
            for offset in 1...9 {
                #expect(try await iterator.next()?.get().position.offset == UInt64(offset))
            }
            #expect(try await broker.append(Draft("more"), to: room).position.offset == 10)
        }
    }

    // SQLite answers "full" here because of a bound on the file's pages; a disk that is really full
    // needs a file system of its own, which takes privileges.
    @Test
    func `fails a whole batch on a full disk, says so, and recovers by itself`() async throws {
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            let listener = RecordingListener()
            _ = try await broker.attach(listener, to: room, keeping: .plenty)
            _ = try await broker.append(Draft("a"), to: room)
            #expect(database.health == .working)
            database.limitPages(to: 1)

            let gate = try await GateListener.holdUp(broker)
            let (results, replied) = AsyncStream.makeStream(of: Result<Appended, BrokerError>.self)
            let large = String(repeating: "x", count: 1 << 20)
            for text in ["b", "c", large] {
                broker.append(Draft(text, key: text), to: room, keeping: .plenty) {
                    replied.yield($0)
                }
            }
            gate.open()
            let reason = "database or disk is full (SQLite 13)"
            var iterator = results.makeAsyncIterator()
            for _ in 1...3 {
                #expect(await iterator.next() == .failure(.unavailable(reason)))
            }
            #expect(database.health == .failing(reason))
            #expect(listener.offsets == [1])

            database.limitPages(to: .max)
            #expect(await database.probe() == .working)
            #expect(database.health == .working)
            let retried = try await broker.append(Draft("c", key: "c"), to: room)
            #expect(retried.position.offset == 2)
            #expect(!retried.isDuplicate)
            #expect(listener.offsets == [1, 2])
        }
    }

    @Test
    func `finishes what waits when it is closed, and refuses what comes later`() async throws {
        try await withDatabase { database in
            let broker = SQLiteBroker(database)
            let (results, replied) = AsyncStream.makeStream(of: Result<Appended, BrokerError>.self)
            for number in 1...100 {
                broker.append(Draft("\(number)"), to: room, keeping: .plenty) { replied.yield($0) }
            }
            database.close()
            replied.finish()
            var offsets: [UInt64] = []
            for await result in results { offsets.append(try result.get().position.offset) }
            #expect(offsets == Array(1...100))
            let closed = BrokerError.unavailable("the database is closed")
            await #expect(throws: closed) { try await broker.append(Draft("a"), to: room) }
            await #expect(throws: closed) {
                try await broker.read(room, after: 0, limit: 1, keeping: .plenty)
            }
            #expect(await database.probe() == .failing("the database is closed"))
        }
    }
}

/// Holds up the thread that announces to it: what is appended meanwhile waits together.
private final class GateListener: StreamListener {
    private let gate = DispatchSemaphore(value: 0)
    private let entered: AsyncStream<Void>.Continuation

    private init(_ entered: AsyncStream<Void>.Continuation) {
        self.entered = entered
    }

    /// Returns once the broker's thread is held up.
    static func holdUp(_ broker: SQLiteBroker) async throws -> GateListener {
        let (entrances, entered) = AsyncStream.makeStream(of: Void.self)
        let listener = GateListener(entered)
        let stream = StreamName("gate")
        _ = try await broker.attach(listener, to: stream, keeping: .plenty)
        broker.append(Draft("knock"), to: stream, keeping: .plenty) { _ in }
        for await _ in entrances { break }
        return listener
    }

    /// Lets the thread go on.
    func open() {
        gate.signal()
    }

    func announced(_ publications: [Publication], epoch: Epoch) {
        entered.yield()
        gate.wait()
    }
}
