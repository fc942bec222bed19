import Foundation

/// The program's entry: understands the command line and carries it out.
@main
struct Main {
    static func main() async {
        let invocation: Invocation
        do throws(UsageError) {
            invocation = try Invocation.parse(
                Array(CommandLine.arguments.dropFirst()),
                environment: ProcessInfo.processInfo.environment, readFile: SettingsFile.read)
        } catch {
            Console.complain(error.report)
            exit(2)
        }
        do throws(Failure) {
            try await run(invocation)
        } catch {
            Console.complain("petnexus: \(error.reason)\n")
            exit(error.status)
        }
    }

    private static func run(_ invocation: Invocation) async throws(Failure) {
        switch invocation {
        case .serve(let configuration):
            try await ServeCommand(configuration: configuration).run()
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
