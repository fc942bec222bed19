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
            var random = SystemRandomNumberGenerator()
            let database = try SQLiteDatabase.open(
                directory: options.directory, using: &random, now: SystemClock.wallMs)
            defer { database.close() }
            let loop = try EventLoop()
            Thread.detachNewThread { loop.run() }
            let load = StoreLoad(on: loop, database, options)
            await load.preload()
            print(await load.measure())
            loop.close()
        } catch let error as FlagError {
            StandardError.write("storebench: \(error.message)")
            exit(2)
        } catch {
            StandardError.write("storebench: \(error)")
            exit(1)
        }
    }

    private static let help =
        """
        usage: storebench --data DIR [flags]

        Appends to the embedded store from one loop's thread, as rooms do, and prints what an append
        cost in CPU time, of the whole process and of the store's threads alone, and how long it took
        to be answered.


        """ + StoreOptions.flags.helpText
}
