import Foundation
import Measure
import Transport

/// The program: fills an embedded store with a large community, to measure what serving it costs.
@main
enum Community {
    private static let flags = [
        Flag("data", "DIR", "Where the store is to be; there must be none yet."),
        Flag("scale", "S", "How large: 1 has 100000 users. [1]"),
        Flag("seed", "N", "Repeats what happens by chance. [1]"),
    ]

    static func main() async {
        do {
            let values = try FlagValues(CommandLine.arguments.dropFirst(), of: flags)
            guard !values.asksForHelp else { return print(help, terminator: "") }
            try await fill(values)
        } catch let error as FlagError {
            StandardError.write("community: \(error.message)")
            exit(2)
        } catch {
            StandardError.write("community: \(error)")
            exit(1)
        }
    }

    private static func fill(_ values: FlagValues) async throws {
        let directory = try values.required("data")
        let scale = try scale(values)
        let seed = try values.count("seed", in: 0...Int.max) ?? 1
        let path = directory + "/" + SQLiteDatabase.fileName
        guard !FileManager.default.fileExists(atPath: path) else {
            throw FlagError.unusable("--data", value: directory, reason: "has a store already")
        }
        var random = SystemRandomNumberGenerator()
        let database = try SQLiteDatabase.open(
            directory: directory, using: &random, now: SystemClock.wallMs)
        defer { database.close() }
        let startUs = MonotonicClock.nowUs()
        var filling = Filling(database, CommunitySize(scale: scale), seed: UInt64(seed)) { words in
            let seconds = (MonotonicClock.nowUs() - startUs) / 1_000_000
            StandardError.write("\(seconds) s: \(words)")
        }
        try await filling.fill()
        let seconds = (MonotonicClock.nowUs() - startUs) / 1_000_000
        print("filled \(directory) in \(seconds) s")
    }

    private static func scale(_ values: FlagValues) throws(FlagError) -> Double {
        guard let text = values.text("scale") else { return 1 }
        guard let scale = Double(text), scale > 0, scale <= 10 else {
            throw .unusable("--scale", value: text, reason: "must be a number above 0, at most 10")
        }
        return scale
    }

    private static let help =
        """
        usage: community --data DIR [flags]

        Fills an embedded store with people, posts, trades, comments, rooms and messages in Korean and
        English. Everybody's password is \(Filling.password); user N is userN@example.org, and the first
        one has written, bookmarked and heard enough for 500 pages.


        """ + flags.helpText
}
