import Foundation
import Measure

/// The program: what the parts of the server cost, in time and in allocations.
@main
enum Micro {
    static func main() {
        // The main thread of an asynchronous one would end, which callgrind does not survive.
        Task.detached { exit(await status()) }
        while true { pause() }
    }

    private static func status() async -> Int32 {
        do {
            let values = try FlagValues(CommandLine.arguments.dropFirst(), of: MicroOptions.flags)
            guard !values.asksForHelp else {
                say(help.trimmingCharacters(in: .newlines))
                return 0
            }
            return try await run(try MicroOptions(values)) ? 0 : 1
        } catch let error as FlagError {
            StandardError.write("micro: \(error.message)")
            return 2
        } catch {
            StandardError.write("micro: \(error)")
            return 1
        }
    }

    /// Does what was asked for; false where there are more allocations than allowed.
    private static func run(_ options: MicroOptions) async throws -> Bool {
        if let name = options.traced {
            try await trace(name)
            return true
        }
        let thresholds = try options.thresholdsPath.map { try Thresholds(path: $0) }
        let countsOnly = thresholds != nil || options.newThresholdsPath != nil
        let meter = Meter(purpose: countsOnly ? .allocations : .allocationsAndTime)
        var measurements: [Measurement] = []
        say(Table.heading)
        for benchmark in try benchmarks(beginningWith: options.only) {
            let measurement = try await benchmark.run(with: meter)
            say(Table.line(measurement))
            measurements.append(measurement)
        }
        if let path = options.jsonPath { try Figures.write(measurements, to: path) }
        if let path = options.newThresholdsPath { try Thresholds(measurements).write(to: path) }
        guard let thresholds else { return true }
        let complaints = thresholds.complaints(
            about: measurements, known: Suites.benchmarks.map(\.name))
        for sentence in complaints + thresholds.surplus(over: measurements) { say(sentence) }
        return complaints.isEmpty
    }

    private static func trace(_ name: String) async throws {
        guard let benchmark = Suites.benchmarks.first(where: { $0.name == name }) else {
            throw FlagError.unusable("--trace", value: name, reason: "is no benchmark")
        }
        let measurement = try await benchmark.run(with: Meter(purpose: .trace))
        say(Table.heading)
        say(Table.line(measurement))
        try TraceReport.write(Trace.sites(), of: measurement)
    }

    private static func benchmarks(beginningWith text: String?) throws -> [Benchmark] {
        guard let text else { return Suites.benchmarks }
        if let exact = Suites.benchmarks.first(where: { $0.name == text }) { return [exact] }
        let chosen = Suites.benchmarks.filter { $0.name.hasPrefix(text) }
        guard !chosen.isEmpty else {
            throw FlagError.unusable("--only", value: text, reason: "begins no benchmark's name")
        }
        return chosen
    }

    /// Writes a line at once, since a run takes a while.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    private static let help =
        """
        usage: micro [flags]

        Prints what an operation of each benchmark costs: the median of its time, the allocations on
        its thread with the bytes they asked for, and the calls of send. Allocations are the same in
        every run, or where another thread takes part within a hundredth.

        """ + "\n" + MicroOptions.flags.helpText
}
