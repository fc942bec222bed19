import Foundation

/// `fuzz [--seconds 60] [--seed N] [--target NAME] [--state FILE]` runs each parser on mutated
/// inputs; `fuzz --replay TARGET:SEED:HEX` runs one input again.
///
/// The state file always holds the input under way, so that an input which traps is not lost.
@main
enum Fuzz {
    private static var targets: [any FuzzTarget.Type] {
        [STOMPFuzz.self, HTTPFuzz.self, MultipartFuzz.self, WebSocketFuzz.self]
    }

    static func main() {
        do throws(FuzzUsageError) {
            let options = try FuzzOptions(arguments: Array(CommandLine.arguments.dropFirst()))
            let succeeded: Bool
            if let testCase = options.replay {
                succeeded = try replay(testCase)
            } else {
                succeeded = try run(options)
            }
            exit(succeeded ? 0 : 1)
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error.reason)\n".utf8))
            exit(2)
        }
    }

    private static func run(_ options: FuzzOptions) throws(FuzzUsageError) -> Bool {
        let chosen = targets.filter { options.target == nil || $0.name == options.target }
        guard !chosen.isEmpty else {
            throw FuzzUsageError(reason: "no such target; known: \(names)")
        }
        let state = try StateFile(path: options.statePath)
        say("seed \(options.seed); the input under way is the first line of \(options.statePath)")
        let watchdog = Watchdog(limit: .seconds(10), statePath: options.statePath)
        for target in chosen {
            var run = FuzzRun(
                target: target, seed: options.seed, state: state, watchdog: watchdog)
            switch run.run(for: options.duration) {
            case .passed(let summary):
                say(summary)
            case .failed(let report):
                say(report)
                return false
            }
        }
        state.remove()
        return true
    }

    /// Runs the input whole and in the chunks of its seed, and shows both descriptions.
    private static func replay(_ testCase: FuzzCase) throws(FuzzUsageError) -> Bool {
        guard let target = targets.first(where: { $0.name == testCase.target }) else {
            throw FuzzUsageError(reason: "no such target; known: \(names)")
        }
        let whole = target.run(testCase.input, chunkSizes: [testCase.input.count])
        let chunked = target.run(testCase.input, chunkSizes: testCase.chunkSizes)
        say("whole:\n\(whole)\nin chunks of \(testCase.chunkSizes):\n\(chunked)")
        say(whole == chunked ? "the same" : "DIFFERENT")
        return whole == chunked
    }

    /// Writes a line at once: `print` would keep it back from a pipe, and lose it when a parser traps.
    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    private static var names: String { targets.map { $0.name }.joined(separator: ", ") }
}
