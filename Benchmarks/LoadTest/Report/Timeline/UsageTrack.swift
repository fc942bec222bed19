/// What the server and the generator used over time, in bounded memory for any duration.
///
/// Readings are sums since the processes began, so that leaving out every second one, as happens
/// where there are too many, keeps the rest exact.
struct UsageTrack: Sendable {
    /// What was read at one moment.
    struct Reading: Sendable {
        /// Nil where the process is unknown, or gone.
        let serverCPUUs: Int64?
        let serverResidentBytes: Int64?
        let generatorCPUUs: Int64
    }

    /// Use between two readings.
    struct Span: Hashable, Sendable {
        /// Since the start of the track.
        let fromUs: Int64
        let toUs: Int64
        /// Of one core: 1 is all of it. Nil where the server is unknown.
        let serverShare: Double?
        let generatorShare: Double
        /// At the end of the span.
        let serverResidentBytes: Int64?
    }

    private var readings: [(atUs: Int64, reading: Reading)] = []
    private var intervalUs: Int64 = 500_000
    private var nextUs: Int64
    private let startUs: Int64

    private static let readingsMax = 512

    /// The first reading is taken as soon as one is asked for.
    init(startUs: Int64) {
        self.startUs = startUs
        nextUs = startUs
    }

    /// Reads where it is time to.
    mutating func sample(atUs nowUs: Int64, _ read: () -> Reading) {
        guard nowUs >= nextUs else { return }
        readings.append((nowUs, read()))
        if readings.count == Self.readingsMax {
            readings = stride(from: 0, to: readings.count, by: 2).map { readings[$0] }
            intervalUs *= 2
        }
        nextUs += ((nowUs - nextUs) / intervalUs + 1) * intervalUs
    }

    /// Takes the last reading, unless it follows another one too closely to tell a share.
    mutating func finish(atUs nowUs: Int64, _ reading: Reading) {
        if readings.count > 1, let last = readings.last, nowUs - last.atUs < intervalUs / 4 {
            readings.removeLast()
        }
        readings.append((nowUs, reading))
    }

    /// The time between the readings, with what was used in it. A processor's clock that ran
    /// backwards, as that of another process with the same id would, counts as unknown.
    var spans: [Span] {
        zip(readings, readings.dropFirst()).map { before, after in
            let lastingUs = Double(after.atUs - before.atUs)
            let serverUs = before.reading.serverCPUUs.flatMap { earlier in
                after.reading.serverCPUUs.map { $0 - earlier }
            }
            return Span(
                fromUs: before.atUs - startUs, toUs: after.atUs - startUs,
                serverShare: serverUs.flatMap { $0 < 0 ? nil : Double($0) / lastingUs },
                generatorShare: Double(
                    after.reading.generatorCPUUs - before.reading.generatorCPUUs) / lastingUs,
                serverResidentBytes: after.reading.serverResidentBytes)
        }
    }
}
