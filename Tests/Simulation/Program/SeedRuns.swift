import Dispatch
import Foundation
import Simulation
import Synchronization

/// Runs many seeds, several at a time, and says what came of them: a line of progress, a line for
/// each seed that fails, and in the end how fast it went and what went wrong how often.
final class SeedRuns: Sendable {
    private struct Progress {
        var next: UInt64
        var doneCount = 0
        var failed: [UInt64] = []
        var actionCount = 0
        var stepCount = 0
        var toldAt = ContinuousClock.now
    }

    private let options: SimulateOptions
    private let progress: Mutex<Progress>
    private let counts = Mutex(FaultCounts())
    private let began = ContinuousClock.now

    init(_ options: SimulateOptions) {
        self.options = options
        progress = Mutex(Progress(next: options.seeds.lowerBound))
    }

    /// Runs all; true when nothing broke.
    func run() -> Bool {
        CurrentSeeds.watch()
        let ends = DispatchGroup()
        for job in 0..<options.jobCount {
            ends.enter()
            let thread = Thread {
                self.runSeeds(job)
                ends.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        ends.wait()
        let progress = progress.withLock { $0 }
        summarize(progress)
        if let path = options.reportPath { report(progress, to: path) }
        return progress.failed.isEmpty
    }

    private func runSeeds(_ job: Int) {
        while let seed = takeSeed() {
            CurrentSeeds.set(seed, job: job)
            for core in options.cores {
                note(Simulation(seed: seed, core: core, mutant: options.mutant).run())
            }
            CurrentSeeds.clear(job: job)
        }
    }

    private func takeSeed() -> UInt64? {
        progress.withLock { progress in
            guard progress.next < options.seeds.upperBound else { return nil }
            defer { progress.next += 1 }
            return progress.next
        }
    }

    private func note(_ outcome: Simulation.Outcome) {
        let line = progress.withLock { note(outcome, in: &$0) }
        counts.withLock { $0.add(outcome.counts) }
        if let line { Simulate.say(line) }
    }

    /// Returns what is to be said now.
    private func note(_ outcome: Simulation.Outcome, in progress: inout Progress) -> String? {
        progress.doneCount += 1
        progress.actionCount += outcome.actionCount
        progress.stepCount += outcome.stepCount
        if let first = outcome.wrongs.first {
            progress.failed.append(outcome.seed)
            let mutant = options.mutant.map { " --mutant \($0.rawValue)" } ?? ""
            let options = " --core \(outcome.core.rawValue)\(mutant)"
            return "seed \(outcome.seed) over \(outcome.core.rawValue) FAILED: \(first); "
                + "replay: .build/release/simulate --seed \(outcome.seed)\(options) --trace"
        }
        guard progress.toldAt.duration(to: .now) >= .seconds(5) else { return nil }
        progress.toldAt = .now
        return "\(progress.doneCount) of \(options.seeds.count * options.cores.count) runs, "
            + "\(progress.failed.count) failed"
    }

    private func summarize(_ progress: Progress) {
        let counts = counts.withLock { $0.all }
        for (kind, count) in counts { Simulate.say("  \(count) \(kind.rawValue)") }
        let elapsed = began.duration(to: .now)
        let seconds =
            Double(elapsed.components.seconds)
            + Double(elapsed.components.attoseconds) * 1e-18
        let done = progress.doneCount
        Simulate.say(
            "\(done) seeds in \(rounded(seconds)) s (\(rounded(Double(done) / seconds)) seeds/s), "
                + "\(progress.actionCount / max(done, 1)) client actions and "
                + "\(progress.stepCount / max(done, 1)) steps each, \(progress.failed.count) failed"
        )
    }

    private func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

    private func report(_ progress: Progress, to path: String) {
        let seeds = progress.failed.map(String.init).joined(separator: ", ")
        let failure =
            progress.failed.isEmpty ? "" : "<failure message=\"seeds that failed: \(seeds)\"/>"
        let text = """
            <testsuites><testsuite name="simulation">
            <testcase name="every guarantee holds under \(options.seeds)">\(failure)</testcase>
            </testsuite></testsuites>

            """.replacingOccurrences(of: "..<", with: " to ")
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            Simulate.say("the report could not be written: \(error)")
        }
    }
}
