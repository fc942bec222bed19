import Measure
import Transport

/// The scenario `idle`: clients that subscribe and then only keep their connections alive, to see
/// what each costs the server in memory.
final class IdleRun: ClientObserver {
    private let options: RunOptions
    private let cast: Cast
    private let stop: StopSignal
    private let clients: ClientLoop
    private var failures = FailureLog()

    /// How long clients have to answer the last ping, in microseconds.
    private static let pongUs: Int64 = 10_000_000

    init(
        _ options: RunOptions, rooms: [Room], credentials: Credentials,
        until stop: StopSignal
    ) throws(ClientFailure) {
        self.options = options
        cast = Cast(options, rooms: rooms, credentials: credentials)
        self.stop = stop
        clients = try ClientLoop(count: options.connectionCount)
    }

    /// Opens the connections, lets them be for the duration, and asks each whether it still works.
    func run() throws(ClientFailure) -> Outcome {
        guard let before = ProcessUsage(ofServer: options.serverPIDs) else { throw .serverEnded }
        try clients.openAll(options, for: self, until: stop) { cast.plan($0) }
        let opened = ProcessUsage(ofServer: options.serverPIDs)
        let startUs = clients.nowUs
        var timeline = Timeline(startUs: startUs)
        let bar = ProgressBar(startUs: startUs)
        while clients.nowUs - startUs < options.durationUs, !stop.isSet {
            clients.turn(for: self)
            timeline.sampleUsage(atUs: clients.nowUs) {
                UsageTrack.Reading(server: ProcessUsage(ofServer: options.serverPIDs))
            }
            bar.report(atUs: clients.nowUs) {
                Standing(
                    elapsedUs: clients.nowUs - startUs, ofUs: options.durationUs,
                    ["\(clients.liveCount.grouped) connections idle"])
            }
        }
        bar.finish()
        guard let after = ProcessUsage(ofServer: options.serverPIDs) else { throw .serverEnded }
        let window = UsageWindow(opened, after, lastingUs: clients.nowUs - startUs)
        timeline.finish(atUs: clients.nowUs, UsageTrack.Reading(server: after))
        let growth = after.residentBytes - before.residentBytes
        let report = IdleReport(
            nodes: options.nodes.names, connections: options.connectionCount, alive: aliveCount(),
            residentBytesBefore: before.residentBytes, residentBytesAfter: after.residentBytes,
            residentBytesPerConnection: Double(growth) / Double(options.connectionCount),
            serverShare: window?.share ?? 0, failures: failures.lines,
            timeline: TimelineSummary(timeline))
        return Outcome(
            report: report, text: report.text, isClean: report.isClean,
            plot: report.plot(subtitle: options.plotSubtitle))
    }

    /// Pings every client and counts those that are answered.
    private func aliveCount() -> Int {
        guard options.wire.answersProbes else { return clients.liveCount }
        for index in 0..<options.connectionCount {
            guard let client = clients[index] else { continue }
            clients.attempt(client, for: self) { client throws(ClientFailure) in
                try client.probe()
            }
        }
        let deadlineUs = clients.nowUs + Self.pongUs
        while clients.nowUs < deadlineUs, !stop.isSet, answeredCount < clients.liveCount {
            clients.turn(for: self)
        }
        return answeredCount
    }

    private var answeredCount: Int {
        (0..<options.connectionCount).count { (clients[$0]?.answerCount ?? 0) > 0 }
    }

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        // Somebody else may talk in these rooms.
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        failures.add(why)
    }
}
