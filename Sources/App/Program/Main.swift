import App
import Foundation

/// The program's entry: understands the command line and carries it out.
///
/// The main thread only waits for signals: the first one asks a serving node to drain, and ends
/// whatever else runs.
@main
struct Main {
    static func main() {
        ThisProcess.holdEndSignals()
        ThisProcess.keepFilesPrivate()
        let end = EndRequest()
        Task.detached { exit(await status(end)) }
        while true {
            let signal = ThisProcess.nextEndSignal()
            if !end.deliver(signal) { exit(128 + signal) }
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
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.add(name)
            }
        case .setRole(let name, let role, let configuration):
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.setRole(name, role)
            }
        case .disableUser(let name, let configuration):
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.setDisabled(name, to: true)
            }
        case .enableUser(let name, let configuration):
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.setDisabled(name, to: false)
            }
        case .mintToken(let name, let configuration):
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.mintToken(name)
            }
        case .showToken(let token, let configuration):
            try await AccountCommands.perform(configuration) { commands throws(Failure) in
                try await commands.showToken(token)
            }
        case .backup(let file, let configuration):
            try BackupCommand(configuration: configuration).run(to: file)
        case .copy(let request):
            try await CopyCommand(request: request).run()
        case .version:
            Console.say("petnexus \(Version.current)\n")
        case .help(let text):
            Console.say(text)
        }
    }
}
