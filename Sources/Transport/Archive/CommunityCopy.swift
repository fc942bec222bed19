import Engine

/// Where a community's data are kept: a data directory, or Redis servers.
public enum CommunityPlace: Sendable {
    case directory(String, keyFile: ArchiveKeyFile)
    case redis(RedisSettings)
}

/// A copy of a community's data from one place to another, while no node uses either.
public struct CommunityCopy: Sendable {
    /// How far it has come.
    public struct Progress: Sendable {
        public enum Step: Sendable {
            case clearing
            case copying
            case comparing
        }

        public let step: Step
        /// What this run has read in this step.
        public let tally: CommunityTally
        /// What is done of the step, that of earlier runs included, and all there is.
        public let done: Int
        public let total: Int

        init(_ step: Step, _ tally: CommunityTally = .init(), done: Int = 0, of total: Int = 0) {
            self.step = step
            self.tally = tally
            self.done = done
            self.total = total
        }
    }

    /// What was done.
    public struct Summary: Sendable {
        /// What both sides have, and its checksum.
        public let tally: CommunityTally
        public let checksum: String
        /// Whether positions of the source stay true in the target.
        public let keepsEpoch: Bool
        /// Whether it went on where an earlier run had stopped.
        public let wasResumed: Bool
    }

    private let source: CommunityPlace
    private let target: CommunityPlace
    private let replaces: Bool
    private let now: @Sendable () -> Int64

    /// With `replaces`, what the target has is removed first; else it must be empty. `now` gives
    /// milliseconds since 1970.
    public init(
        from source: CommunityPlace, to target: CommunityPlace, replacing replaces: Bool,
        now: @escaping @Sendable () -> Int64
    ) {
        self.source = source
        self.target = target
        self.replaces = replaces
        self.now = now
    }

    /// Copies and compares; see `ArchiveCopy`. Runs on threads of its own.
    public func run(
        tell: @escaping @Sendable (Progress) -> Void
    ) async throws(ArchiveFailure) -> Summary {
        let from = try await OpenArchive(source)
        let result: Result<Summary, ArchiveFailure>
        do throws(ArchiveFailure) {
            let to = try await OpenArchive(target)
            do throws(ArchiveFailure) {
                try await RedisArchive.checkApart(from.archive, to.archive)
                let copy = ArchiveCopy(
                    source: from.archive, target: to.archive, replaces: replaces, now: now,
                    newEpoch: { Epoch(rawValue: .random(in: 1 ... .max >> 1)) }, tell: tell)
                result = .success(try await copy.run())
            } catch {
                result = .failure(error)
            }
            await to.close()
        } catch {
            result = .failure(error)
        }
        await from.close()
        return try result.get()
    }
}

/// An archive with the thread that it needs.
private struct OpenArchive {
    let archive: any Archive
    private let loop: EventLoop
    private let thread: LoopThread
    private let end: @Sendable () async -> Void

    /// How long servers may take to answer, in milliseconds.
    private static let openingMs: Int64 = 5_000

    init(_ place: CommunityPlace) async throws(ArchiveFailure) {
        do {
            loop = try EventLoop()
            thread = try LoopThread(running: loop, name: "archive")
        } catch {
            throw ArchiveFailure("\(error)")
        }
        switch place {
        case .directory(let directory, let keyFile):
            let sqlite = SQLiteArchive(
                directory: directory, keyFile: keyFile,
                newEpoch: Epoch(rawValue: .random(in: 1 ... .max >> 1)), on: loop)
            archive = sqlite
            end = { await sqlite.close() }
        case .redis(let settings):
            let servers = RedisServers.open(settings, loops: [loop])
            let names = settings.servers.map(\.identity).joined(separator: ", ")
            archive = RedisArchive(servers, identity: "\(names) (\(settings.prefix))")
            end = { await servers.close() }
            let health = await servers.opened(withinMs: Self.openingMs)
            if !health.failures.isEmpty {
                await close()
                throw ArchiveFailure(
                    "Redis can't be used: \(health.failures.joined(separator: "; "))")
            }
        }
    }

    func close() async {
        await end()
        loop.close()
        thread.join()
    }
}
