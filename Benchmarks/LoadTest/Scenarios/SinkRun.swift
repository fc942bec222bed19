import Measure
import Transport

/// The scenario `sink`: clients that only listen, for the floor program, whose messages each
/// connection receives in sequence until the program ends. So the floor has the same clients as the
/// servers that are held against it.
final class SinkRun: ClientObserver {
    private let options: RunOptions
    private let stop: StopSignal
    private let clients: ClientLoop
    private var checks: [SequenceCheck]
    private var tally = DeliveryCheck.Tally()
    private var failures = FailureLog()
    private var latency = Histogram()
    private var timeline = Timeline(startUs: 0)
    /// When the first and the last message came; 0 before.
    private var firstUs: Int64 = 0
    private var lastUs: Int64 = 0

    init(_ options: RunOptions, until stop: StopSignal) throws(ClientFailure) {
        self.options = options
        self.stop = stop
        checks = Array(repeating: SequenceCheck(after: 0), count: options.connectionCount)
        clients = try ClientLoop(count: options.connectionCount)
    }

    /// Opens the connections, and listens until the floor has closed them all.
    func run() throws(ClientFailure) -> Outcome {
        // The floor may be done before the last one is known to be open.
        let cast = Cast(options, rooms: [], credentials: .nothing)
        try clients.openAll(options, for: self, until: stop) { cast.plan($0) }
        let before = ProcessUsage.own
        let startUs = clients.nowUs
        timeline = Timeline(startUs: startUs)
        let bar = ProgressBar(startUs: startUs)
        while clients.liveCount > 0, !stop.isSet {
            clients.turn(for: self)
            timeline.sampleUsage(atUs: clients.nowUs) { UsageTrack.Reading(server: nil) }
            bar.report(atUs: clients.nowUs) {
                Standing(
                    elapsedUs: clients.nowUs - startUs, ofUs: nil,
                    ["delivered \(tally.delivered.grouped)"])
            }
        }
        bar.finish()
        let seconds = Double(lastUs - firstUs) / 1_000_000
        timeline.finish(atUs: clients.nowUs, UsageTrack.Reading(server: nil))
        var report = TrafficReport(
            scenario: options.scenario.rawValue, connections: options.connectionCount,
            rooms: nil, rate: nil, seconds: seconds, sent: sentCount, expected: tally.expected,
            delivered: tally.delivered,
            deliveriesPerSecond: Double(tally.delivered) / max(seconds, 0.001),
            bytesPerDelivery: Double(clients.receivedBytes) / Double(max(1, tally.delivered)),
            lost: tally.lost, duplicated: tally.duplicated, reordered: tally.reordered,
            misplaced: 0, contradicted: 0, strayed: 0, unsent: 0, receiptsMissing: 0,
            failures: failures.lines, latency: LatencySummary(latency),
            receiptLatency: nil, lateness: LatencySummary(Histogram()),
            generator: UsageWindow(before, .own, lastingUs: clients.nowUs - startUs), server: nil,
            serverCPUPerDeliveryUs: nil)
        report.timeline = TimelineSummary(timeline)
        let plot = report.plot(
            subtitle: options.plotSubtitle, deliveries: latency, receipts: nil, measured: nil)
        return Outcome(report: report, text: report.text, isClean: report.isClean, plot: plot)
    }

    /// The messages that some connection received, as far as their numbers tell.
    private var sentCount: Int64 { checks.map(\.highest).max() ?? 0 }

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        guard let stamp = Stamp(in: body) else { return }
        if firstUs == 0 { firstUs = nowUs }
        lastUs = nowUs
        switch checks[connection.index].take(stamp.sequence) {
        case .next:
            tally.expected += 1
        case .skipped(let count):
            tally.expected += count + 1
        case .late:
            tally.reordered += 1
        case .repeated:
            tally.duplicated += 1
            return
        }
        tally.delivered += 1
        latency.record(nowUs - stamp.dueUs)
        timeline.delivered(atUs: nowUs, latencyUs: nowUs - stamp.dueUs)
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        if checks[connection.index].highest == 0 { failures.add(why) }
    }
}
