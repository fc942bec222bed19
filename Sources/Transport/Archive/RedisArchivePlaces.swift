import Engine

/// Where the data of a community really are, and who uses them.
extension RedisArchive {
    /// A database of a server, whatever it is called by.
    private struct Place: Hashable {
        /// What the process calls itself.
        let server: String
        let database: Int
    }

    /// Refuses two archives that share keys, and one that names a server twice.
    static func checkApart(
        _ source: any Archive, _ target: any Archive
    ) async throws(ArchiveFailure) {
        var found: [(archive: RedisArchive, places: Set<Place>)] = []
        for case let archive as RedisArchive in [source, target] {
            var places: Set<Place> = []
            for server in archive.links.indices {
                guard places.insert(try await archive.place(of: server)).inserted else {
                    throw ArchiveFailure(
                        "\(archive.links[server].server) is the same server and database as one "
                            + "that is named before it")
                }
            }
            found.append((archive, places))
        }
        guard found.count == 2, !found[0].places.isDisjoint(with: found[1].places) else { return }
        let (one, other) = (found[0].archive.servers.prefix, found[1].archive.servers.prefix)
        if one.hasPrefix(other) || other.hasPrefix(one) {
            throw ArchiveFailure(
                "source and target share keys of one server; copy to another prefix, database or "
                    + "server")
        }
    }

    private func place(of server: Int) async throws(ArchiveFailure) -> Place {
        let information = try await ask(server, [[Array("INFO".utf8), Array("server".utf8)]])[0]
        let name = "run_id:"
        let line = information.text?.split(whereSeparator: \.isNewline).first {
            $0.hasPrefix(name)
        }
        guard let line else {
            throw ArchiveFailure("\(links[server].server): INFO has no run_id")
        }
        return Place(
            server: String(line.dropFirst(name.count)), database: links[server].server.database)
    }

    func isServed() async throws(ArchiveFailure) -> Bool {
        for server in links.indices {
            let claimants = Array("\(servers.prefix)claimants".utf8)
            let count = try await run(server, RedisArchiveScripts.serving, keys: [claimants], [])
            if count.integer != 0 { return true }
        }
        return false
    }
}

extension RedisServers {
    /// Whether a copy to these servers was begun and not finished; nobody may serve from it.
    public func hasUnfinishedCopy() async throws(StoreError) -> Bool {
        let key = Self.unfinishedCopy(prefix)
        let reply: Result<RedisValue, RedisFailure> = await withCheckedContinuation { asking in
            home.enter { link in
                link.send([Array("EXISTS".utf8), key]) { asking.resume(returning: $0) }
            }
        }
        return try reply.mapError { StoreError($0) }.get().integer != 0
    }

    /// The key of the note of a copy that is under way.
    static func unfinishedCopy(_ prefix: String) -> [UInt8] {
        Array("\(prefix)unfinished-copy".utf8)
    }
}
