import Engine

/// What the keys of a community hold.
extension RedisArchive {
    /// Some of what a key holds, and how far that is; nil once it is all.
    struct Part {
        let items: [ArchiveItem]
        let done: UInt64?
    }

    /// Whether a key is part of what is copied. Everything else lasts for moments: who is where, and
    /// streams that keep nothing.
    func isData(_ key: [UInt8]) -> Bool {
        storeKeys.meaning(of: key) != nil || streamKeys.logged(by: key) != nil
            || streamKeys.knownKey(of: key) != nil
    }

    /// Whether a key is one of those that last for moments. Keys of another community whose prefix
    /// begins as this one's are neither this nor data.
    func isMomentary(_ key: [UInt8]) -> Bool {
        let name = key.dropFirst(servers.prefix.utf8.count)
        return ["passing:{", "names:{", "counts:{", "claimed:{"].contains {
            name.starts(with: $0.utf8)
        } || ["claimants", "ending"].contains { name.elementsEqual($0.utf8) } || isClaimant(name)
    }

    /// Whether a name is that of what one claimant claims; a prefix may begin with the same word.
    private func isClaimant(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.starts(with: "claimant:".utf8) else { return false }
        let id = name.dropFirst("claimant:".utf8.count)
        return 1...16 ~= id.count
            && id.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    }

    /// How many items are in these keys.
    func count(of keys: [[UInt8]], on server: Int) async throws(ArchiveFailure) -> Int {
        var count = 0
        var questions: [[[UInt8]]] = []
        for key in keys {
            switch storeKeys.meaning(of: key) {
            case .record, .counter: count += 1
            case .index: questions.append([Array("ZCARD".utf8), key])
            case nil:
                if let stream = streamKeys.logged(by: key) {
                    guard servers.server(of: stream) == server else { continue }
                    questions.append([Array("XLEN".utf8), key])
                    count += 1
                } else if streamKeys.knownKey(of: key) != nil {
                    count += 1
                }
            }
        }
        return try await ask(server, questions).reduce(count) { $0 + Int($1.integer ?? 0) }
    }

    /// Whether a key holds one value, an item or none.
    func isSingle(_ key: [UInt8]) -> Bool {
        switch storeKeys.meaning(of: key) {
        case .record, .counter: true
        case .index: false
        case nil: streamKeys.knownKey(of: key) != nil
        }
    }

    /// What keys that hold one value each stand for, those left out that were gone by themselves.
    func singles(
        of keys: ArraySlice<[UInt8]>, on server: Int
    ) async throws(ArchiveFailure) -> [ArchiveItem] {
        let values = try await ask(server, keys.map { [Array("GET".utf8), $0] })
        var items: [ArchiveItem] = []
        for (key, value) in zip(keys, values) {
            guard let bytes = value.bytes else { continue }
            switch storeKeys.meaning(of: key) {
            case .record(let name):
                guard let record = RedisRecord.record(in: bytes) else {
                    throw foreign(key, server)
                }
                items.append(.record(name, record))
            case .counter(let name):
                guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
                    throw foreign(key, server)
                }
                items.append(.counter(name, value))
            case .index, nil:
                if let item = try publishKey(key, bytes, on: server) { items.append(item) }
            }
        }
        return items
    }

    /// Some of an index or of a log.
    func part(
        of key: [UInt8], on server: Int, after done: UInt64
    ) async throws(ArchiveFailure) -> Part {
        if case .index(let name) = storeKeys.meaning(of: key) {
            return try await entries(of: name, key, on: server, after: done)
        }
        guard let stream = streamKeys.logged(by: key) else { return Part(items: [], done: nil) }
        return try await publications(of: stream, key, on: server, after: done)
    }

    private func entries(
        of index: String, _ key: [UInt8], on server: Int, after done: UInt64
    ) async throws(ArchiveFailure) -> Part {
        let last = done + UInt64(Self.pageCountMax) - 1
        let reply = try await ask(
            server,
            [
                [
                    Array("ZRANGE".utf8), key, Array(String(done).utf8),
                    Array(String(last).utf8),
                ]
            ])[0]
        var items: [ArchiveItem] = []
        for member in reply.elements ?? [] {
            guard let entry = member.bytes.flatMap(RedisIndexMember.entry(in:)) else {
                throw foreign(key, server)
            }
            items.append(.entry(entry, index: index))
        }
        let isWhole = items.count < Self.pageCountMax
        return Part(items: items, done: isWhole ? nil : done + UInt64(items.count))
    }

    private func publications(
        of stream: StreamName, _ key: [UInt8], on server: Int, after done: UInt64
    ) async throws(ArchiveFailure) -> Part {
        // What lies where the ring no longer looks is what an earlier copy left behind.
        guard servers.server(of: stream) == server else { return Part(items: [], done: nil) }
        let reply = try await run(
            server, RedisArchiveScripts.page, keys: [key],
            [done + 1, UInt64(Self.pageCountMax), UInt64(Self.pageBytesMax)].map {
                Array(String($0).utf8)
            })
        guard let parts = reply.elements, parts.count >= 2, let first = parts[0].integer,
            let top = parts[1].integer, first > 0
        else { return Part(items: [], done: nil) }
        let from = max(UInt64(first), done + 1)
        var publications: [Publication] = []
        for (place, part) in parts.dropFirst(2).enumerated() {
            guard
                let publication = part.bytes.flatMap({
                    RedisEntry.decode($0[...], offset: from + UInt64(place))
                })
            else { throw foreign(key, server) }
            publications.append(publication)
        }
        let read = from + UInt64(publications.count) - 1
        var floor = UInt64(first)
        if let only = publications.last, only.isPlaceholder {
            floor = UInt64(top) + 1
            publications.removeLast()
        }
        var items = publications.map { ArchiveItem.publication($0, in: stream) }
        if done == 0 { items.insert(.stream(stream, floor: floor, top: UInt64(top)), at: 0) }
        return Part(items: items, done: read < UInt64(top) ? read : nil)
    }

    private func publishKey(
        _ key: [UInt8], _ value: [UInt8], on server: Int
    ) throws(ArchiveFailure) -> ArchiveItem? {
        guard let known = streamKeys.knownKey(of: key), servers.server(of: known.stream) == server
        else { return nil }
        var rest = value[...]
        guard let offset = rest.takeDecimal(before: UInt8(ascii: " ")),
            let storedAtMs = rest.takeDecimal(before: nil)
        else { throw foreign(key, server) }
        return .publishKey(
            known.key, from: known.sender, in: known.stream, offset: UInt64(offset),
            storedAtMs: storedAtMs)
    }

    private func foreign(_ key: [UInt8], _ server: Int) -> ArchiveFailure {
        ArchiveFailure(
            "\(links[server].server): \(String(decoding: key, as: UTF8.self)) was written by "
                + "somebody else")
    }
}

extension Publication {
    /// What stands at the top of a log of which nothing is kept, so that the log knows its top: older
    /// than any retention by age keeps.
    static func placeholder(at offset: UInt64) -> Draft {
        Draft(sender: .server, senderName: "", contentType: "", body: [], timestampMs: .min)
    }

    var isPlaceholder: Bool {
        timestampMs == .min && sender == .server && body.isEmpty && contentType.isEmpty
    }
}
