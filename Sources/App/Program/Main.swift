import Foundation
import Synchronization

/// The program's entry: understands the command line and carries it out.
///
/// The main thread only waits for signals: the first one asks a serving node to drain, and ends
/// whatever else runs.
@main
struct Main {
    static func main() {
        ThisProcess.holdEndSignals()
        let end = EndRequest()
        Task.detached { exit(await status(end)) }
        while true {
            let signal = ThisProcess.nextEndSignal()
            if !end.deliver() { exit(128 + signal) }
        }
    }

    /// Does what the command line says; answers with the exit status.
    private static func status(_ end: EndRequest) async -> Int32 {
        let invocation: Invocation
        do throws(UsageError) {
            invocation = try Invocation.parse(
                Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment, readFile: SettingsFile.read)
        } catch {
            Console.complain(error.report)
            return 2
        }
        do throws(Failure) {
            try await run(invocation, until: end)
            return 0
        } catch {
            Console.complain("petnexus: \(error.reason)\n")
            return error.status
        }
    }

    private static func run(
        _ invocation: Invocation, until end: EndRequest
    ) async throws(Failure) {
        switch invocation {
        case .serve(let configuration):
            try await ServeCommand(configuration: configuration).run(until: end)
        case .checkConfig(let report):
            Console.say(report)
        case .addUser(let name, let configuration):
            try await AccountCommands(configuration).add(name)
        case .setRole(let name, let role, let configuration):
            try await AccountCommands(configuration).setRole(name, role)
        case .disableUser(let name, let configuration):
            try await AccountCommands(configuration).disable(name)
        case .mintToken(let name, let configuration):
            try await AccountCommands(configuration).mintToken(name)
        case .showToken(let token, let configuration):
            try await AccountCommands(configuration).showToken(token)
        case .backup(let file, let configuration):
            try BackupCommand(configuration: configuration).run(to: file)
        case .version:
            Console.say("petnexus \(Version.current)\n")
        case .help(let text):
            Console.say(text)
        }
    }
}

/// The operator's wish that the program ends, for the one command that can end gently.
final class EndRequest: Sendable {
    private enum State {
        /// Nobody listens: a signal ends the process.
        case unheard
        case awaited(CheckedContinuation<Void, Never>)
        case delivered
    }

    private let state = Mutex(State.unheard)

    /// Returns once the wish was delivered. Called once.
    func wait() async {
        await withCheckedContinuation { continuation in
            state.withLock { $0 = .awaited(continuation) }
        }
    }

    /// Passes the wish on; false where nobody waits for it, or not any more.
    func deliver() -> Bool {
        state.withLock { state in
            guard case .awaited(let continuation) = state else { return false }
            state = .delivered
            continuation.resume()
            return true
        }
    }
}

/// Why a command ended without having done its work: one line for the operator.
struct Failure: Error, Sendable {
    let reason: String
    /// The program's exit status.
    var status: Int32 = 1

    init(_ reason: String) {
        self.reason = reason
    }
}

/// What the program says to whoever started it.
enum Console {
    /// Writes to standard output.
    static func say(_ text: String) {
        // When nobody listens any more, there is nobody to tell.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// Writes to standard error.
    static func complain(_ text: String) {
        // As above.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
