import Foundation
import Measure
import Transport

/// The program: what a durable append costs, without sockets and rooms around it.
@main
enum StoreBenchmark {
    static func main() async {
        do {
            let values = try FlagValues(
                CommandLine.arguments.dropFirst(), of: StoreOptions.flags)
            guard !values.asksForHelp else { return print(help, terminator: "") }
            let options = try StoreOptions(values)
            let loop = try EventLoop()
            Thread.detachNewThread { loop.run() }
            switch options.place {
            case .directory(let directory): try await measure(directory, on: loop, options)
            case .redis(let urls): await measure(urls, on: loop, options)
            }
            loop.close()
        } catch let error as FlagError {
            StandardError.write("storebench: \(error.message)")
            exit(2)
        } catch {
            StandardError.write("storebench: \(error)")
            exit(1)
        }
    }

    private static func measure(
        _ directory: String, on loop: EventLoop, _ options: StoreOptions
    ) async throws {
        var random = SystemRandomNumberGenerator()
        let database = try SQLiteDatabase.open(
            directory: directory, using: &random, now: SystemClock.wallMs)
        defer { database.close() }
        let load = StoreLoad(on: loop, SQLiteBroker(database), options) { database.commitCount }
        await load.preload()
        print(await load.measure())
    }

    private static func measure(
        _ urls: [RedisURL], on loop: EventLoop, _ options: StoreOptions
    ) async {
        let servers = RedisServers.open(
            RedisSettings(servers: urls, prefix: "bench:"), loops: [loop])
        let health = await servers.opened(withinMs: 5_000)
        if health.isReady {
            let broker = RedisBroker(servers, now: SystemClock.wallMs)
            let load = StoreLoad(on: loop, broker, options)
            await load.preload()
            print(await load.measure())
            await broker.close()
        } else {
            StandardError.write("storebench: \(health.failures.joined(separator: "; "))")
        }
        await servers.close()
    }

    private static let help =
        """
        usage: storebench --data DIR [flags]
               storebench --redis URL [--redis URL…] [flags]

        Appends to the embedded store, or to Redis, from one loop's thread, as rooms do, and prints
        what an append cost in CPU time, of the whole process and of other threads than the loop's
        alone, and how long it took to be answered.


        """ + StoreOptions.flags.helpText
}
