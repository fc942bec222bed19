import Foundation
import Measure
import Transport

/// The program: drives any server that speaks STOMP over WebSocket, checks and times what it
/// delivers.
@main
enum LoadTest {
    static func main() {
        do throws(FlagError) {
            switch try Invocation(Array(CommandLine.arguments.dropFirst())) {
            case .help(let text): print(text, terminator: "")
            case .run(let options): exit(run(options))
            case .publish(let options): exit(publish(options))
            }
        } catch {
            StandardError.write("loadtest: \(error.message)")
            exit(2)
        }
    }

    /// Measures, prints the results and returns the exit status.
    private static func run(_ options: RunOptions) -> Int32 {
        do throws(ClientFailure) {
            for pid in options.serverPIDs where ProcessUsage(of: pid) == nil {
                throw .system(SystemError("find process \(pid)", code: ESRCH))
            }
            let stop = StopSignal()
            let (credentials, rooms) = try prepare(options)
            let outcome =
                switch options.scenario {
                case .fanout, .chat, .pairs, .sse:
                    try TrafficRun(
                        options, rooms: rooms, credentials: credentials, until: stop
                    ).run()
                case .storm:
                    try StormRun(
                        options, rooms: rooms, credentials: credentials, until: stop
                    ).run()
                case .soak:
                    try SoakRun(
                        options, rooms: rooms, credentials: credentials, until: stop
                    ).run()
                case .sink:
                    try SinkRun(options, until: stop).run()
                case .idle:
                    try IdleRun(
                        options, rooms: rooms, credentials: credentials, until: stop
                    ).run()
                }
            return finish(outcome, options)
        } catch {
            StandardError.write("loadtest: \(error)")
            return 1
        }
    }

    private static func publish(_ options: PublishOptions) -> Int32 {
        do throws(ClientFailure) {
            try PublishRun(options, until: StopSignal()).run()
            return 0
        } catch {
            StandardError.write("loadtest: \(error)")
            return 1
        }
    }

    /// Makes the accounts and rooms that the options ask for.
    private static func prepare(
        _ options: RunOptions
    ) throws(ClientFailure) -> (Credentials, [Room]) {
        var credentials = options.credentials
        var names = (0..<options.roomCount).map(String.init)
        if case .accounts(let count) = credentials {
            let tokens = try PetNexus(target: options.target).signIn(accountCount: count)
            credentials = .tokens(tokens)
        }
        if options.usesChatRooms, case .tokens(let tokens) = credentials {
            names = try PetNexus(target: options.target).makeRooms(
                count: options.roomCount, token: tokens[0])
        }
        return (credentials, names.map { options.templates.room($0) })
    }

    /// Prints the table, writes the files that were asked for, and chooses the exit status.
    private static func finish(_ outcome: Outcome, _ options: RunOptions) -> Int32 {
        print(outcome.text, terminator: "")
        do {
            if let path = options.jsonPath {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try write(encoder.encode(outcome.report), to: path)
            }
            if let path = options.plotPath {
                try write(Data(outcome.plot.svg.utf8), to: path)
            }
        } catch {
            StandardError.write("loadtest: \(error)")
            return 1
        }
        return outcome.isClean || options.isTolerant ? 0 : 1
    }

    private static func write(_ data: Data, to path: String) throws(SystemError) {
        guard FileManager.default.createFile(atPath: path, contents: data) else {
            throw SystemError("write \(path)", code: errno)
        }
    }
}
