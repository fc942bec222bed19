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
            switch options.scenario {
            case .fanout, .chat, .pairs, .sse:
                let (report, _) = try TrafficRun(
                    options, rooms: rooms, credentials: credentials, until: stop
                ).run()
                return finish(report, report.text, isClean: report.isClean, options)
            case .storm:
                let (report, _) = try StormRun(
                    options, rooms: rooms, credentials: credentials, until: stop
                ).run()
                return finish(report, report.text, isClean: report.isClean, options)
            case .sink:
                let report = try SinkRun(options, until: stop).run()
                return finish(report, report.text, isClean: report.isClean, options)
            case .idle:
                let report = try IdleRun(
                    options, rooms: rooms, credentials: credentials, until: stop
                ).run()
                return finish(report, report.text, isClean: report.isClean, options)
            }
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

    /// Prints the table, writes the JSON where it is wanted, and chooses the exit status.
    private static func finish(
        _ report: some Encodable, _ text: String, isClean: Bool, _ options: RunOptions
    ) -> Int32 {
        print(text, terminator: "")
        if let path = options.jsonPath {
            do {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                try encoder.encode(report).write(to: URL(filePath: path))
            } catch {
                StandardError.write("loadtest: \(path) can't be written")
                return 1
            }
        }
        return isClean || options.isTolerant ? 0 : 1
    }
}
