import Foundation
import Simulation

/// `simulate --seeds 10000` runs a simulated cluster under every seed of a range and looks for
/// broken guarantees; `simulate --seed N --trace` shows one run.
@main
enum Simulate {
    static func main() {
        do throws(UsageError) {
            let options = try SimulateOptions(arguments: Array(CommandLine.arguments.dropFirst()))
            if options.asksForHelp { return say(SimulateOptions.help) }
            let hasPassed =
                options.showsTrace
                ? show(options) : SeedRuns(options).run()
            exit(hasPassed ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("simulate: \(error.reason)\n".utf8))
            exit(2)
        }
    }

    /// Runs the first seed and prints what happens.
    private static func show(_ options: SimulateOptions) -> Bool {
        let simulation = Simulation(
            seed: options.seeds.lowerBound, core: options.cores[0], mutant: options.mutant)
        let outcome = simulation.run { say($0) }
        for wrong in outcome.wrongs { say("WRONG \(wrong)") }
        say("trace \(String(outcome.hash, radix: 16)), \(outcome.stepCount) steps")
        return outcome.wrongs.isEmpty
    }

    /// Writes a line at once.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
