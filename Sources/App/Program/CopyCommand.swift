import App
import Foundation
import Glibc
import Synchronization
import Transport

/// `petnexus copy`: everything that a community has, from one place to another.
struct CopyCommand {
    let request: CopyRequest

    func run() async throws(Failure) {
        try checkDirectories()
        let sourceLock = try lock(request.source)
        let targetLock = try lock(request.target)
        let copy = CommunityCopy(
            from: place(request.source), to: place(request.target),
            replacing: request.replaces, now: { SystemClock.wallMs() })
        let progress = Mutex(
            CopyProgress(columns: Self.columns, nowMs: SystemClock.monotonicMs()))
        let outcome: Result<CommunityCopy.Summary, ArchiveFailure>
        do throws(ArchiveFailure) {
            let summary = try await copy.run { state in
                let text = progress.withLock {
                    $0.text(of: state, atMs: SystemClock.monotonicMs())
                }
                if let text { Console.complain(text) }
            }
            outcome = .success(summary)
        } catch {
            outcome = .failure(error)
        }
        Console.complain(progress.withLock { $0.end() })
        _ = consume sourceLock
        _ = consume targetLock
        switch outcome {
        case .success(let summary): Console.say(Self.report(summary))
        case .failure(let failure): throw Failure(failure.description)
        }
    }

    /// Refuses a source without data before its directory is made, and a directory as its own copy.
    private func checkDirectories() throws(Failure) {
        guard case .directory(let source) = request.source else { return }
        let database = source + "/" + SQLiteDatabase.fileName
        guard FileManager.default.fileExists(atPath: database) else {
            throw Failure("there is no store in \(source)")
        }
        if case .directory(let target) = request.target,
            Self.resolved(source) == Self.resolved(target)
        {
            throw Failure("\(source) and \(target) are the same directory")
        }
    }

    private func lock(_ place: CopyRequest.Place) throws(Failure) -> ServeLock? {
        switch place {
        case .directory(let directory): try ServeLock(directory: directory)
        case .redis: nil
        }
    }

    private func place(_ place: CopyRequest.Place) -> CommunityPlace {
        switch place {
        case .directory(let directory):
            .directory(
                Self.resolved(directory),
                keyFile: SigningKeyFile.archived(path: directory + "/keys.json"))
        case .redis(let servers, let prefix):
            .redis(RedisSettings(servers: servers, prefix: prefix))
        }
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path(
            percentEncoded: false)
    }

    /// Columns of the terminal that standard error is; nil where it is none.
    private static var columns: Int? {
        guard isatty(STDERR_FILENO) == 1 else { return nil }
        var size = winsize()
        guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return 80
        }
        return Int(size.ws_col)
    }

    private static func report(_ summary: CommunityCopy.Summary) -> String {
        let tally = summary.tally
        return """
            copied \(tally.records) records, \(tally.indexEntries) index entries, \
            \(tally.counters) counters, \(tally.streams) streams with \(tally.publications) \
            messages, \(tally.publishKeys) idempotency keys; \
            \(summary.keepsEpoch ? "positions stay valid" : "positions begin anew"); \
            both sides: \(tally.count) items, checksum \(summary.checksum)

            """
    }
}
