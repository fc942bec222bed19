import Engine

/// Writing into the keys of a community.
extension RedisArchive {
    func epoch() async throws(ArchiveFailure) -> Epoch? {
        var epochs: Set<Epoch> = []
        for server in links.indices {
            let command = [Array("HGET".utf8), streamKeys.life, Array("id".utf8)]
            let text = try await ask(server, [command])[0].text
            guard let number = text.flatMap({ UInt64($0, radix: 16) }) else {
                throw ArchiveFailure("\(links[server].server): the data set has no life")
            }
            epochs.insert(Epoch(rawValue: number))
        }
        return epochs.count == 1 ? epochs.first : nil
    }

    /// A link gives up a data set whose life is not what it was: after this it is of no use until it
    /// has opened again.
    func setEpoch(_ epoch: Epoch) async throws(ArchiveFailure) {
        for server in links.indices.reversed() { try await setEpoch(epoch, on: server) }
    }

    /// The server that has the note comes last, where both are one step.
    func finish(numberedBy epoch: Epoch) async throws(ArchiveFailure) {
        for server in links.indices.dropFirst() { try await setEpoch(epoch, on: server) }
        _ = try await run(
            0, RedisArchiveScripts.finish, keys: [streamKeys.life, noteKey],
            [Array(epoch.description.utf8)])
    }

    private func setEpoch(_ epoch: Epoch, on server: Int) async throws(ArchiveFailure) {
        let command = [
            Array("HSET".utf8), streamKeys.life, Array("id".utf8), Array(epoch.description.utf8),
        ]
        _ = try await ask(server, [command], isWrite: true)
    }

    func unfinishedCopy() async throws(ArchiveFailure) -> UnfinishedCopy? {
        let text = try await ask(0, [[Array("GET".utf8), noteKey]])[0].text
        guard let text else { return nil }
        guard let note = UnfinishedCopy(text) else {
            throw ArchiveFailure("\(identity): the note of an unfinished copy can't be read")
        }
        return note
    }

    func clear() async throws(ArchiveFailure) -> Bool {
        for server in links.indices {
            var scan = "0"
            repeat {
                let found = try await scanned(server, from: scan)
                let keys = found.keys.filter { isData($0) || isMomentary($0) }
                if !keys.isEmpty {
                    _ = try await ask(server, [[Array("UNLINK".utf8)] + keys], isWrite: true)
                }
                scan = found.next
            } while scan != "0"
        }
        return try await isEmpty()
    }

    /// The note comes last: what it says is done, is done.
    func write(
        _ items: [ArchiveItem], noting note: UnfinishedCopy, nowMs: Int64
    ) async throws(ArchiveFailure) {
        var commands = [[[[UInt8]]]](repeating: [], count: links.count)
        var runs: [(stream: StreamName, first: UInt64, entries: [[UInt8]])] = []
        for item in items {
            switch item {
            case .record(let key, let record):
                var command = [
                    Array("SET".utf8), storeKeys.record(key), RedisRecord.bytes(record),
                ]
                let lifetimeMs = RedisRecord.lifetimeMs(
                    expiresAtMs: record.expiresAtMs, nowMs: nowMs)
                if let lifetimeMs {
                    command += [Array("PX".utf8), Array(String(lifetimeMs).utf8)]
                }
                commands[0].append(command)
            case .entry(let entry, let index):
                commands[0].append([
                    Array("ZADD".utf8), storeKeys.index(index), Array("0".utf8),
                    RedisIndexMember.bytes(entry),
                ])
            case .counter(let name, let value):
                commands[0].append([
                    Array("SET".utf8), storeKeys.counter(name), Array(String(value).utf8),
                ])
            case .stream(let name, let floor, let top):
                guard floor > top, top > 0 else { break }
                runs.append((name, top, [RedisEntry.encode(Publication.placeholder(at: top))]))
            case .publication(let publication, let name):
                let entry = RedisEntry.encode(Draft(publication))
                if let last = runs.indices.last, runs[last].stream == name,
                    runs[last].first + UInt64(runs[last].entries.count) == publication.offset
                {
                    runs[last].entries.append(entry)
                } else {
                    runs.append((name, publication.offset, [entry]))
                }
            case .publishKey(let key, let sender, let name, let offset, let storedAtMs):
                let leftMs = storedAtMs + ArchiveItem.publishKeyLifetimeMs - nowMs
                commands[servers.server(of: name)].append([
                    Array("SET".utf8), streamKeys.known(key, from: sender, in: name),
                    Array("\(offset) \(storedAtMs)".utf8), Array("PX".utf8),
                    Array(String(max(leftMs, 0) + 60_000).utf8),
                ])
            }
        }
        for (server, commands) in commands.enumerated() {
            _ = try await ask(server, commands, isWrite: true)
        }
        for run in runs {
            _ = try await self.run(
                servers.server(of: run.stream), RedisArchiveScripts.restore,
                keys: [streamKeys.log(of: run.stream)],
                [Array(String(run.first).utf8)] + run.entries)
        }
        let command = [Array("SET".utf8), noteKey, Array(note.text.utf8)]
        _ = try await ask(0, [command], isWrite: true)
    }
}

extension Draft {
    fileprivate init(_ publication: Publication) {
        self.init(
            sender: publication.sender, senderName: publication.senderName,
            contentType: publication.contentType, body: publication.body,
            timestampMs: publication.timestampMs)
    }
}
