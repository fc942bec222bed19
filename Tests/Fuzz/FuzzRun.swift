import Foundation

/// The fuzzing of one target: mutates, runs whole and in chunks, compares, and watches time and
/// memory.
struct FuzzRun {
    enum Outcome {
        case passed(String)
        case failed(String)
    }

    /// Together these two stay well below the growth that is allowed.
    private static let corpusCountMax = 2048
    private static let seenCountMax = 200_000
    private static let slowestAllowed = Duration.seconds(1)
    private static let growthBytesMax = 64 << 20
    /// Executions after which the corpus and the allocator's pools count as warm.
    private static let warmUpCount = 50_000

    private let target: any FuzzTarget.Type
    private let seed: UInt64
    private let state: StateFile
    private let watchdog: Watchdog
    private var mutator: Mutator
    private var corpus: [[UInt8]]
    /// Hashes of the descriptions met so far.
    private var seen: Set<Int> = []
    private let clock = ContinuousClock()

    init(target: any FuzzTarget.Type, seed: UInt64, state: StateFile, watchdog: Watchdog) {
        self.target = target
        self.seed = seed
        self.state = state
        self.watchdog = watchdog
        mutator = Mutator(seed: seed)
        corpus = target.corpus
    }

    /// Runs until the time is up or an input fails.
    mutating func run(for duration: Duration) -> Outcome {
        let start = clock.now
        for input in corpus {
            if let failure = execute(input) { return .failed(failure) }
        }
        var executions = corpus.count
        var warmBytes: Int?
        while start.duration(to: clock.now) < duration {
            for _ in 0..<256 {
                if let failure = execute(mutator.input(from: corpus)) { return .failed(failure) }
            }
            executions += 256
            guard executions >= Self.warmUpCount else { continue }
            let bytes = residentBytes()
            let allowed = (warmBytes ?? bytes) + Self.growthBytesMax
            warmBytes = warmBytes ?? bytes
            guard bytes <= allowed else {
                return .failed("\(target.name): GREW to \(bytes >> 20) MiB resident, seed \(seed)")
            }
        }
        let elapsed = start.duration(to: clock.now)
        return .passed(
            """
            \(target.name): \(executions) executions, \(Int(Double(executions) / (elapsed / .seconds(1))))/s, \
            \(corpus.count) in the corpus, no difference
            """)
    }

    /// Runs one input both ways; the report of a failure, or nil.
    private mutating func execute(_ input: [UInt8]) -> String? {
        let testCase = FuzzCase(
            target: target.name, chunkSeed: mutator.number(), input: input)
        state.write(testCase)
        let started = clock.now
        let whole = target.run(input, chunkSizes: input.isEmpty ? [] : [input.count])
        let chunked = target.run(input, chunkSizes: testCase.chunkSizes)
        let took = started.duration(to: clock.now)
        watchdog.feed()
        if whole != chunked { return report("MISMATCH", testCase) }
        if took > Self.slowestAllowed { return report("SLOW, \(took)", testCase) }
        keep(input, describedAs: whole)
        return nil
    }

    /// An input whose description is new becomes the start of further ones.
    private mutating func keep(_ input: [UInt8], describedAs description: String) {
        guard seen.count < Self.seenCountMax, seen.insert(description.hashValue).inserted else {
            return
        }
        if corpus.count < Self.corpusCountMax { corpus.append(input) }
    }

    private func report(_ kind: String, _ testCase: FuzzCase) -> String {
        let line = String(decoding: testCase.line, as: UTF8.self)
        return "\(target.name): \(kind), seed \(seed)\n  fuzz --replay \(line)"
    }

    private func residentBytes() -> Int {
        guard let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = statm.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { preconditionFailure("/proc/self/statm can't be read.") }
        return pages * 4096
    }
}
