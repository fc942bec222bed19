import Measure
import Transport

/// What the command line of `storebench` asks for.
struct StoreOptions: Sendable {
    /// How appends come.
    enum Pace: Sendable {
        /// So many are unanswered at any time.
        case inFlight(Int)
        /// From a clock, whatever became of those before.
        case ratePerSecond(Int)
    }

    /// What is appended to.
    enum Place: Sendable {
        case directory(String)
        case redis([RedisURL])
    }

    let place: Place
    let streamCount: Int
    let hasKeys: Bool
    let bodyBytes: Int
    let pace: Pace
    let historyMax: Int
    let preloadCount: Int
    let durationUs: Int64

    static let flags = [
        Flag("data", "DIR", "Where the embedded store is, or is to be."),
        Flag("redis", "URL", "Redis in its place; several servers where it is repeated."),
        Flag("streams", "N", "Streams, taken at random. [200]"),
        Flag("keys", "Gives every append an idempotency key of its own."),
        Flag("size", "BYTES", "Of a body. [200]"),
        Flag("in-flight", "N", "Unanswered appends at any time. [100]"),
        Flag("rate", "R", "Appends a second instead, from a clock."),
        Flag("history", "N", "What a stream keeps. [100000]"),
        Flag("preload", "N", "Appends before anything is counted. [0]"),
        Flag("duration", "TIME", "How long to count. [5s]"),
    ]

    init(_ values: FlagValues) throws(FlagError) {
        let urls = values.texts("redis")
        if urls.isEmpty {
            place = .directory(try values.required("data"))
        } else {
            place = .redis(
                try urls.map { text throws(FlagError) in
                    do throws(RedisURLError) {
                        return try RedisURL(text)
                    } catch {
                        throw .contradiction("--redis: \(error)")
                    }
                })
        }
        streamCount = try values.count("streams", in: 1...1_000_000) ?? 200
        hasKeys = values.has("keys")
        bodyBytes = try values.count("size", in: 0...65_536) ?? 200
        let inFlight = try values.count("in-flight", in: 1...10_000)
        if let rate = try values.count("rate", in: 1...1_000_000) {
            guard inFlight == nil else {
                throw .contradiction("--rate and --in-flight exclude each other")
            }
            pace = .ratePerSecond(rate)
        } else {
            pace = .inFlight(inFlight ?? 100)
        }
        historyMax = try values.count("history", in: 1...10_000_000) ?? 100_000
        preloadCount = try values.count("preload", in: 0...100_000_000) ?? 0
        durationUs = try values.durationUs("duration") ?? 5_000_000
    }
}
