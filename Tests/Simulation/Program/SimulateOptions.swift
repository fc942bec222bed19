import Foundation
import Simulation

/// A command line that can't be followed, with the reason.
struct UsageError: Error {
    let reason: String
}

/// What the command line of `simulate` asks for.
struct SimulateOptions {
    private(set) var seeds: Range<UInt64> = 0..<500
    /// A bug to put in, to see it found.
    private(set) var mutant: Mutant?
    /// What the nodes share: each seed is run once for each.
    private(set) var cores = CoreKind.allCases
    /// Prints everything that happens in the first seed, instead of running all.
    private(set) var showsTrace = false
    /// Seeds that run at the same time.
    private(set) var jobCount = ProcessInfo.processInfo.activeProcessorCount
    /// Where to leave a JUnit report with one test; nil: nowhere.
    private(set) var reportPath: String?
    private(set) var asksForHelp = false

    /// What `--help` says.
    static let help = """
        Usage: simulate [--seeds N|'FIRST..<END' | --seed N] [--core hub|redis] [--trace]
                        [--mutant NAME] [--jobs N] [--report FILE]

        Runs the engine's actors as a cluster in virtual time, once for each seed, with faults that
        the seed decides, and looks for broken guarantees. A line for each seed that fails says how
        to see it again. Exit status: 0, or 1 where one failed.

          --seeds      how many, or which range (500)
          --seed       this one alone
          --core       what the nodes share: a hub made for the simulation, or Redis, through the
                       bridge that they have in production (each seed once with each)
          --trace      print everything that happens in the first seed
          --mutant     put in a bug, to see it found: \(Mutant.allCases.map(\.rawValue)
            .joined(separator: ", "))
          --jobs       seeds at the same time (one a core)
          --report     leave a JUnit report with one test
        """

    init(arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let flag = rest.popFirst() {
            if flag == "--help" || flag == "-h" {
                asksForHelp = true
                return
            }
            if flag == "--trace" {
                showsTrace = true
                continue
            }
            guard let value = rest.popFirst() else {
                throw UsageError(reason: "\(flag) needs a value, or is unknown")
            }
            try take(flag, value)
        }
    }

    private mutating func take(_ flag: String, _ value: String) throws(UsageError) {
        switch flag {
        case "--seeds":
            guard let range = Self.range(value) else {
                throw UsageError(reason: "--seeds wants a number, or a range like 0..<500")
            }
            seeds = range
        case "--seed":
            guard let seed = UInt64(value), seed < .max else {
                throw UsageError(reason: "--seed wants a number")
            }
            seeds = seed..<(seed + 1)
        case "--core":
            guard let core = CoreKind(rawValue: value) else {
                throw UsageError(reason: "--core is hub or redis")
            }
            cores = [core]
        case "--mutant":
            guard let named = Mutant(rawValue: value) else {
                let names = Mutant.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(reason: "no such mutant; known: \(names)")
            }
            mutant = named
        case "--jobs":
            guard let count = Int(value), count > 0 else {
                throw UsageError(reason: "--jobs wants a positive number")
            }
            jobCount = count
        case "--report":
            reportPath = value
        default:
            throw UsageError(reason: "unknown flag \(flag)")
        }
    }

    /// `500` means the first so many.
    private static func range(_ text: String) -> Range<UInt64>? {
        if let count = UInt64(text), count > 0 { return 0..<count }
        let parts = text.components(separatedBy: "..<")
        guard parts.count == 2, let first = UInt64(parts[0]), let end = UInt64(parts[1]),
            first < end
        else { return nil }
        return first..<end
    }
}
