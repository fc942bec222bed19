import Engine
import Synchronization
import TestSupport
import Testing

@testable import Transport

/// Copies that end anywhere, whatever was done by then, and are begun again.
struct InterruptedCopyTests {
    private static let nowMs: Int64 = 1_800_000_000_000

    @Test func `to several servers, goes on from every step and is whole`() async throws {
        try await withArchives { directory, redis in
            try await fill(directory("source"))
            let source = directory("source")
            try await interrupt(from: { source }, to: redis)
        }
    }

    @Test func `to a directory, goes on from every step and is whole`() async throws {
        try await withArchives { directory, redis in
            try await fill(redis())
            let target = directory("target")
            try await interrupt(from: redis, to: { target })
        }
    }

    @Test func `what has expired is left out, and what ends soon is copied`() async throws {
        try await withArchives { directory, redis in
            let source = directory("source")
            let leases = [-1, 0, 1, 700_000].enumerated().map { number, leftMs in
                ArchiveItem.record(
                    RecordKey("leases", "\(number)"),
                    Record(value: [1], version: 2, expiresAtMs: Self.nowMs + leftMs))
            }
            try await write(leases, to: source)
            let target = await redis()
            let summary = try await copy(from: source, to: target).run()
            // What could end while both sides are read is not compared.
            #expect(summary.tally.records == 1)
            #expect(try await items(of: target).count == 2)
        }
    }

    /// Copies again and again, each time with the end one step later, and goes on after it, until a
    /// copy is whole before its end has come.
    private func interrupt(
        from source: () async -> any Archive, to target: () async -> any Archive
    ) async throws {
        let everything = try await items(of: source())
        var steps = 0
        var isWhole = false
        while !isWhole {
            let epoch = try #require(try await source().epoch())
            let ending = Ending(after: steps)
            let interrupted = await copy(
                from: EndingArchive(source(), ending), to: EndingArchive(target(), ending))
            do throws(ArchiveFailure) {
                _ = try await interrupted.run()
                isWhole = true
            } catch {
                #expect(error.description == Ending.words)
                let hasNote = try await target().unfinishedCopy() != nil
                let summary = try await copy(from: source(), to: target()).run()
                #expect(summary.wasResumed == hasNote)
            }
            #expect(try await target().unfinishedCopy() == nil)
            #expect(try await items(of: target()) == everything)
            #expect(try await target().epoch() == epoch)
            #expect(try await source().epoch() != epoch)
            steps += 1
        }
        #expect(steps > 20)
    }

    private func copy(from source: any Archive, to target: any Archive) -> ArchiveCopy {
        ArchiveCopy(
            source: source, target: target, replaces: true, now: { Self.nowMs },
            newEpoch: { Epoch(rawValue: .random(in: 1 ... .max >> 1)) }, tell: { _ in })
    }

    /// Everything that an archive has, as bytes, in no order.
    private func items(of archive: any Archive) async throws -> Set<[UInt8]> {
        var items: Set<[UInt8]> = []
        var cursor: ArchiveCursor?
        repeat {
            let batch = try await archive.read(from: cursor, nowMs: Self.nowMs)
            items.formUnion(batch.items.map(\.bytes))
            cursor = batch.next
        } while cursor != nil
        return items
    }

    /// More than a page of what there is most of, and a stream that keeps nothing.
    private func fill(_ archive: any Archive) async throws {
        var items: [ArchiveItem] = []
        for number in 0..<1_010 {
            items.append(
                .record(
                    RecordKey("a/b%", "\u{0}\(number)"),
                    Record(
                        value: [UInt8](repeating: 7, count: number % 50), version: .max,
                        expiresAtMs: number % 3 == 0 ? Self.nowMs + 86_400_000 : nil)))
            guard number % 10 == 0 else { continue }
            let entry = IndexEntry(sortKey: [0, UInt8(number % 256)], id: "é\(number)")
            items.append(.entry(entry, index: "i\(number % 3)"))
        }
        items += [.counter("low", .min), .counter("high", .max)]
        for (number, top) in [UInt64(1_020), 3, 40].enumerated() {
            let name = StreamName("chat/\(number)")
            items.append(.stream(name, floor: 3, top: top))
            for offset in 3...top {
                let draft = Draft("m\(offset)", atMs: Self.nowMs)
                items.append(.publication(Publication(draft, offset: offset), in: name))
            }
            items.append(
                .publishKey(
                    "k:}\(number)", from: UserID(1), in: name, offset: top,
                    storedAtMs: Self.nowMs - 1))
        }
        items.append(.stream(StreamName("chat/silent"), floor: 51, top: 50))
        let keyFile = RecordKey("signing-keys", "current")
        items.append(.record(keyFile, Record(value: [1, 2, 3], version: 1)))
        try await write(items, to: archive)
    }

    private func write(_ items: [ArchiveItem], to archive: any Archive) async throws {
        let note = UnfinishedCopy(source: "", sourceEpoch: nil, step: .handing)
        try await archive.write(items, noting: note, nowMs: Self.nowMs)
        try await archive.finish(numberedBy: Epoch(rawValue: 5))
    }

    private func withArchives(
        _ body: (
            _ directory: (String) -> SQLiteArchive, _ redis: @escaping () async -> RedisArchive
        ) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            try DataDirectory.prepare(directory)
            let (server, prefix) = try await SharedRedis.instance.server()
            let loop = try EventLoop()
            let thread = try LoopThread(running: loop, name: "tested")
            let urls = try ["/0", "/1"].map { try RedisURL(server.url + $0) }
            let settings = RedisSettings(servers: urls, prefix: prefix)
            let databases = RedisDatabases(settings, on: loop)
            let result: Result<Void, any Error>
            do {
                // Each data set has begun a life of its own; a community's data have one.
                try await databases.open().setEpoch(Epoch(rawValue: 5))
                try await body(
                    { name in
                        SQLiteArchive(
                            directory: directory + "/" + name, keyFile: KeyFile().archived,
                            newEpoch: Epoch(rawValue: 6), on: loop)
                    },
                    { await databases.open() })
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await databases.close()
            loop.close()
            thread.join()
            try result.get()
        }
    }
}

/// The same data in two databases of Redis, as one process after the other finds them.
private actor RedisDatabases {
    private let settings: RedisSettings
    private let loop: EventLoop
    private var servers: RedisServers?

    init(_ settings: RedisSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
    }

    func open() async -> RedisArchive {
        await close()
        let servers = RedisServers.open(settings, loops: [loop])
        self.servers = servers
        #expect(await servers.opened(withinMs: 10_000).failures == [])
        return RedisArchive(servers, identity: "redis")
    }

    func close() async {
        await servers?.close()
        servers = nil
    }
}

/// A file of keys that is in memory.
private final class KeyFile: Sendable {
    private let bytes = Mutex<[UInt8]?>(nil)

    var archived: ArchiveKeyFile {
        ArchiveKeyFile(
            of: RecordKey("signing-keys", "current"), read: { self.bytes.withLock { $0 } },
            create: { bytes in self.bytes.withLock { $0 = $0 ?? bytes } },
            remove: { self.bytes.withLock { $0 = nil } })
    }
}

/// The end of a copy, after so many steps.
private final class Ending: Sendable {
    static let words = "the end has come"

    private let left: Mutex<Int>

    init(after steps: Int) {
        left = Mutex(steps)
    }

    func step<Value>(
        _ body: () async throws(ArchiveFailure) -> Value
    ) async throws(ArchiveFailure) -> Value {
        let isOver = left.withLock { left in
            left -= 1
            return left < 0
        }
        if isOver { throw ArchiveFailure(Self.words) }
        return try await body()
    }
}

/// An archive whose reads and writes are the steps of a copy.
private struct EndingArchive: Archive {
    private let archive: any Archive
    private let ending: Ending

    init(_ archive: any Archive, _ ending: Ending) {
        self.archive = archive
        self.ending = ending
    }

    var identity: String { archive.identity }
    func isServed() async throws(ArchiveFailure) -> Bool { try await archive.isServed() }
    func epoch() async throws(ArchiveFailure) -> Epoch? { try await archive.epoch() }
    func count() async throws(ArchiveFailure) -> Int { try await archive.count() }
    func isEmpty() async throws(ArchiveFailure) -> Bool { try await archive.isEmpty() }
    func unfinishedCopy() async throws(ArchiveFailure) -> UnfinishedCopy? {
        try await archive.unfinishedCopy()
    }

    func read(
        from cursor: ArchiveCursor?, nowMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveBatch {
        try await ending.step { () async throws(ArchiveFailure) in
            try await archive.read(from: cursor, nowMs: nowMs)
        }
    }

    func write(
        _ items: [ArchiveItem], noting note: UnfinishedCopy, nowMs: Int64
    ) async throws(ArchiveFailure) {
        try await ending.step { () async throws(ArchiveFailure) in
            try await archive.write(items, noting: note, nowMs: nowMs)
        }
    }

    func finish(numberedBy epoch: Epoch) async throws(ArchiveFailure) {
        try await ending.step { () async throws(ArchiveFailure) in
            try await archive.finish(numberedBy: epoch)
        }
    }

    func clear() async throws(ArchiveFailure) -> Bool {
        try await ending.step { () async throws(ArchiveFailure) in try await archive.clear() }
    }

    func setEpoch(_ epoch: Epoch) async throws(ArchiveFailure) {
        try await ending.step { () async throws(ArchiveFailure) in
            try await archive.setEpoch(epoch)
        }
    }
}
