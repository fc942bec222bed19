import Engine
import Synchronization

/// The data of a community on its Redis servers as an archive.
///
/// Keys are found by `SCAN`, server after server, which needs no memory but gives them in no order. A
/// page of keys is read whole before the next one is asked for; what is left of it is kept here, and a
/// run that begins within a page reads the page again.
final class RedisArchive: Archive {
    /// What is left of a page of keys.
    private struct Page {
        let server: Int
        /// What `SCAN` takes for the page after this one; 0 after the last.
        let nextScan: String
        var keys: ArraySlice<[UInt8]>
        /// How far the first of the keys has been read: entries or offsets that are done.
        var done: UInt64 = 0
    }

    let identity: String
    let servers: RedisServers
    let links: [RedisLink]
    let storeKeys: RedisStoreKeys
    let streamKeys: RedisStreamKeys
    let noteKey: [UInt8]
    /// The page under way, and the cursor that asks for the rest of it.
    private let page = Mutex<(cursor: ArchiveCursor, page: Page)?>(nil)

    private static let scanCount = 500
    /// Values that are asked for in one go.
    private static let singlesMax = 128
    static let pageCountMax = 1_000
    static let pageBytesMax = 1 << 20

    init(_ servers: RedisServers, identity: String) {
        self.servers = servers
        self.identity = identity
        links = servers.links.map { $0[0] }
        storeKeys = RedisStoreKeys(prefix: servers.prefix)
        streamKeys = RedisStreamKeys(prefix: servers.prefix)
        noteKey = RedisServers.unfinishedCopy(servers.prefix)
    }

    func count() async throws(ArchiveFailure) -> Int {
        var count = 0
        for server in links.indices {
            var scan = "0"
            repeat {
                let found = try await scanned(server, from: scan)
                count += try await self.count(of: found.keys, on: server)
                scan = found.next
            } while scan != "0"
        }
        return count
    }

    func isEmpty() async throws(ArchiveFailure) -> Bool {
        for server in links.indices {
            var scan = "0"
            repeat {
                let found = try await scanned(server, from: scan)
                if found.keys.contains(where: isData) { return false }
                scan = found.next
            } while scan != "0"
        }
        return true
    }

    func read(
        from cursor: ArchiveCursor?, nowMs: Int64
    ) async throws(ArchiveFailure) -> ArchiveBatch {
        var page = try await page(at: cursor)
        var items: [ArchiveItem] = []
        var heldBytes = 0
        while let key = page.keys.first, heldBytes < Self.pageBytesMax {
            let found: [ArchiveItem]
            let singles = page.keys.prefix(Self.singlesMax).prefix(while: isSingle)
            if singles.isEmpty {
                let part = try await part(of: key, on: page.server, after: page.done)
                found = part.items
                page.done = part.done ?? 0
                if part.done == nil { page.keys.removeFirst() }
            } else {
                found = try await self.singles(of: singles, on: page.server)
                page.keys.removeFirst(singles.count)
            }
            for item in found where item.expiresAtMs.map({ $0 > nowMs }) ?? true {
                items.append(item)
                heldBytes += item.heldBytes
            }
        }
        let next: ArchiveCursor?
        if !page.keys.isEmpty {
            next = cursor ?? Self.cursor(server: 0, scan: "0")
        } else if page.nextScan != "0" {
            next = Self.cursor(server: page.server, scan: page.nextScan)
        } else if page.server + 1 < links.count {
            next = Self.cursor(server: page.server + 1, scan: "0")
        } else {
            next = nil
        }
        self.page.withLock { kept in
            kept = next.flatMap { next in page.keys.isEmpty ? nil : (next, page) }
        }
        return ArchiveBatch(items: items, next: next)
    }

    // MARK: Keys

    private static func cursor(server: Int, scan: String) -> ArchiveCursor {
        ArchiveCursor(text: "\(server) \(scan)")
    }

    /// The rest of the page that a cursor asks for, or a new page.
    private func page(at cursor: ArchiveCursor?) async throws(ArchiveFailure) -> Page {
        if let kept = page.withLock({ $0 }), kept.cursor == cursor { return kept.page }
        var (server, scan) = (0, "0")
        if let words = cursor?.text.split(separator: " "), words.count == 2,
            let number = Int(words[0]), links.indices.contains(number)
        {
            (server, scan) = (number, String(words[1]))
        }
        let found = try await scanned(server, from: scan)
        // What a table gives twice within a page is read once.
        var seen: Set<[UInt8]> = []
        let keys = found.keys.filter { isData($0) && seen.insert($0).inserted }
        return Page(server: server, nextScan: found.next, keys: keys[...])
    }

    func scanned(
        _ server: Int, from scan: String
    ) async throws(ArchiveFailure) -> (keys: [[UInt8]], next: String) {
        let reply = try await ask(
            server,
            [
                [
                    Array("SCAN".utf8), Array(scan.utf8), Array("MATCH".utf8), pattern,
                    Array("COUNT".utf8), Array(String(Self.scanCount).utf8),
                ]
            ])[0]
        guard let parts = reply.elements, parts.count == 2, let next = parts[0].text,
            let keys = parts[1].elements
        else { throw ArchiveFailure("\(links[server].server): SCAN has another answer") }
        return (keys.compactMap(\.bytes), next)
    }

    /// The prefix and whatever follows, as `MATCH` takes it.
    private var pattern: [UInt8] {
        var pattern: [UInt8] = []
        for byte in servers.prefix.utf8 {
            if "*?[]^\\-".utf8.contains(byte) { pattern.append(UInt8(ascii: "\\")) }
            pattern.append(byte)
        }
        return pattern + [UInt8(ascii: "*")]
    }

    /// Sends commands one behind the other to a server, and returns their replies.
    func ask(
        _ server: Int, _ commands: [[[UInt8]]], isWrite: Bool = false
    ) async throws(ArchiveFailure) -> [RedisValue] {
        guard !commands.isEmpty else { return [] }
        let result: Result<[RedisValue], RedisFailure> = await withCheckedContinuation { asking in
            links[server].enter { link in
                let replies = RedisReplies(count: commands.count) { asking.resume(returning: $0) }
                for command in commands {
                    link.send(command, isWrite: isWrite) { replies.take($0) }
                }
            }
        }
        return try named(server, result)
    }

    func run(
        _ server: Int, _ script: RedisScript, keys: [[UInt8]], _ arguments: [[UInt8]]
    ) async throws(ArchiveFailure) -> RedisValue {
        let result: Result<RedisValue, RedisFailure> = await withCheckedContinuation { asking in
            links[server].enter { link in
                link.run(script, keys: keys, arguments: arguments) { asking.resume(returning: $0) }
            }
        }
        return try named(server, result)
    }

    private func named<Value>(
        _ server: Int, _ result: Result<Value, RedisFailure>
    ) throws(ArchiveFailure) -> Value {
        switch result {
        case .success(let value): return value
        case .failure(let failure):
            throw ArchiveFailure("\(links[server].server): \(StoreError(failure))")
        }
    }
}

/// Gathers the replies to several commands, in their order; the first failure is the answer to all.
private final class RedisReplies: Sendable {
    private let state: Mutex<(missing: Int, values: [RedisValue], failure: RedisFailure?)>
    private let done: @Sendable (Result<[RedisValue], RedisFailure>) -> Void

    init(count: Int, _ done: @escaping @Sendable (Result<[RedisValue], RedisFailure>) -> Void) {
        state = Mutex((count, [], nil))
        self.done = done
    }

    func take(_ reply: Result<RedisValue, RedisFailure>) {
        let result: Result<[RedisValue], RedisFailure>? = state.withLock { state in
            state.missing -= 1
            switch reply {
            case .success(let value): state.values.append(value)
            case .failure(let failure): state.failure = state.failure ?? failure
            }
            guard state.missing == 0 else { return nil }
            return state.failure.map { .failure($0) } ?? .success(state.values)
        }
        if let result { done(result) }
    }
}
