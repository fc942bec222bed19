import Measure

/// The scenario `storm`: every member's connection breaks at once, messages go on being published,
/// and all members come back together, each resuming after the last message it has seen.
///
/// Publishers have connections of their own, which stay.
final class StormRun: ClientObserver {
    private let options: RunOptions
    private let cast: Cast
    private let stop: StopSignal
    private let clients: ClientLoop
    private let runID = UInt32.random(in: .min ... .max)
    private var check: DeliveryCheck
    private var window: MessageWindow
    /// From the end of the cut on.
    private var resume: ResumeCheck?
    /// What each member has seen last, as its server wrote it.
    private var positions: [[UInt8]]
    private var answers: [String: Int] = [:]
    private var failures = FailureLog()
    private var receiptLatency = Histogram()
    private var lateness = Histogram()
    private var refused: Int64 = 0
    private var timeline: Timeline
    /// To the members of each node.
    private var nodeDeliveries: [Int64]
    private let bar: ProgressBar
    private var number: Int64 = 0
    private var isOver = false

    /// Unacknowledged messages while everybody is away.
    private static let windowSize = 128
    /// How long each part may take: all greeted, all missed messages stored, all back.
    private static let patienceUs: Int64 = 60_000_000
    /// How long messages go on once all are back, and how long the last ones are waited for.
    private static let afterUs: Int64 = 1_000_000
    private static let drainUs: Int64 = 10_000_000

    /// `credentials` are no accounts still to be made.
    init(
        _ options: RunOptions, rooms: [Room], credentials: Credentials, until stop: StopSignal
    ) throws(ClientFailure) {
        self.options = options
        self.stop = stop
        cast = Cast(options, rooms: rooms, credentials: credentials)
        check = DeliveryCheck(
            connectionCount: options.connectionCount, roomCount: rooms.count, senderCount: 1)
        window = MessageWindow(
            size: Self.windowSize, finish: .receipt, connectionCount: options.connectionCount,
            roomCount: rooms.count)
        positions = Array(repeating: [], count: options.connectionCount)
        nodeDeliveries = options.nodes.targets.map { _ in 0 }
        clients = try ClientLoop(count: options.clientCount)
        let nowUs = MonotonicClock.nowUs()
        timeline = Timeline(startUs: nowUs)
        bar = ProgressBar(startUs: nowUs)
    }

    /// Greets everybody, cuts everybody off, and watches all come back.
    func run() throws(ClientFailure) -> Outcome {
        try clients.openAll(options, for: self, until: stop) { cast.plan($0) }
        timeline = Timeline(startUs: MonotonicClock.nowUs())
        clients.metronome.retime(fromUs: clients.nowUs, everyUs: 2_000)
        // A message for each room, so that every member knows where it is.
        try publish(perRoom: 1) { check.tally.lost == 0 }

        timeline.mark("all cut off", atUs: clients.nowUs)
        let cutUs = MonotonicClock.nowUs()
        for index in 0..<options.connectionCount { clients.cut(index) }
        try publish(perRoom: options.missedCount) { true }

        let backUs = MonotonicClock.nowUs()
        timeline.mark("all come back", atUs: backUs)
        let last = Int64(1 + options.missedCount)
        resume = ResumeCheck(
            fromUs: backUs, connectionCount: options.connectionCount,
            missed: Array(repeating: 2...last, count: cast.rooms.count))
        let before = moment()
        try comeBack(fromUs: backUs)
        let after = moment()
        drain()
        timeline.finish(atUs: clients.nowUs, usage())
        bar.finish()
        isOver = true
        let report = report(cutUs: backUs - cutUs, from: before, to: after)
        let plot = report.plot(
            subtitle: options.plotSubtitle, resumes: resume?.delays ?? Histogram(),
            receipts: receiptLatency)
        return Outcome(report: report, text: report.text, isClean: report.isClean, plot: plot)
    }

    // MARK: The parts

    /// Publishes to each room in turn, and returns once all of it has receipts and `isDone`.
    private func publish(perRoom count: Int, until isDone: () -> Bool) throws(ClientFailure) {
        let end = number + Int64(count * cast.rooms.count)
        let deadlineUs = clients.nowUs + Self.patienceUs
        while number < end || window.unfinishedCount > 0 || !isDone() {
            if stop.isSet {
                throw .stopped("\(window.unfinishedCount) messages had no receipt yet")
            }
            guard clients.nowUs < deadlineUs else {
                throw .timedOut(
                    "\(window.unfinishedCount) messages without a receipt, "
                        + "\(check.tally.lost) deliveries")
            }
            if let line = failures.lines.first { throw .refused(line) }
            while number < end, window.hasRoom {
                guard publish(dueUs: MonotonicClock.nowUs()) else { break }
            }
            turn()
        }
    }

    /// Opens all members at once and returns a second after all have what they missed.
    private func comeBack(fromUs: Int64) throws(ClientFailure) {
        let schedule = Schedule(
            startUs: fromUs, ratePerSecond: options.pace.ratePerSecond ?? 1)
        var opening = Opening(
            0..<options.connectionCount, startUs: fromUs, rampUpUs: options.rampUpUs,
            connectingMax: options.connectingMax)
        let firstNumber = number
        var endUs = fromUs + Self.patienceUs
        var isBack = false
        while clients.nowUs < endUs, !stop.isSet {
            try clients.openNext(&opening) { index in
                let position = positions[index]
                return cast.plan(
                    index, resumeAfter: position.isEmpty ? nil : position.span.text)
            }
            let dueCount = schedule.dueCount(atUs: clients.nowUs)
            while number - firstNumber < dueCount {
                let dueUs = schedule.dueUs(number - firstNumber)
                lateness.record(MonotonicClock.nowUs() - dueUs)
                if !publish(dueUs: dueUs) {
                    refused += 1
                    number += 1
                }
            }
            turn()
            if !isBack, resume?.behindCount == 0 {
                isBack = true
                timeline.mark("all have it all", atUs: clients.nowUs)
                endUs = clients.nowUs + Self.afterUs
            }
        }
    }

    /// Waits for what is still on its way, also where the run was stopped.
    private func drain() {
        let deadlineUs = clients.nowUs + Self.drainUs
        while check.tally.lost > 0 || window.unfinishedCount > 0, clients.nowUs < deadlineUs {
            turn()
        }
    }

    private func turn() {
        clients.flush(for: self)
        clients.turn(for: self)
        timeline.sampleUsage(atUs: clients.nowUs) { usage() }
        bar.report(atUs: clients.nowUs) {
            let behindCount = resume?.behindCount ?? options.connectionCount
            return Standing(
                count: options.connectionCount - behindCount, of: options.connectionCount,
                "back", ["\(clients.liveCount.grouped) connected"])
        }
    }

    /// Sends the next message, the rooms in turn. False where its connection can't take it.
    private func publish(dueUs: Int64) -> Bool {
        let room = Int(number % Int64(cast.rooms.count))
        guard let client = clients[cast.publisher(ofRoom: room, sender: 0)], client.isLive,
            client.isTakingMore
        else { return false }
        let stamp = Stamp(
            run: runID, room: room, sender: 0, sequence: check.send(room: room, sender: 0),
            dueUs: dueUs)
        clients.publish(
            cast.rooms[room].message(
                stamp.text(byteCount: options.textBytes), receipt: dueUs), on: client)
        window.send(room: room)
        timeline.published(atUs: clients.nowUs)
        number += 1
        return true
    }

    // MARK: Hearing

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        let index = connection.index
        let offset = options.hasOffsets ? position.trailingNumber : nil
        guard let stamp = Stamp(in: body), stamp.run == runID else {
            // What others said counts for nothing, and must not come again.
            if check.skip(offset: offset, connection: index) { remember(position, of: index) }
            return
        }
        guard check.receive(stamp, offset: offset, connection: index) else { return }
        remember(position, of: index)
        nodeDeliveries[cast.node(of: index)] += 1
        timeline.delivered(atUs: nowUs, latencyUs: nowUs - stamp.dueUs)
        resume?.deliver(stamp.sequence, connection: index, atUs: nowUs)
    }

    /// Keeps what a member would resume after.
    private func remember(_ position: Span<UInt8>, of index: Int) {
        positions[index].removeAll(keepingCapacity: true)
        positions[index].append(position)
    }

    func acknowledged(
        _ dueUs: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        window.acknowledge()
        if resume != nil { receiptLatency.record(nowUs - dueUs) }
    }

    func refused(_ reason: String, on connection: ClientConnection) {
        window.acknowledge()
        refused += 1
        failures.add(.refused(reason))
    }

    func resumed(_ answer: String, on connection: ClientConnection) {
        // What a subscription without a position is answered says nothing here.
        if resume != nil { answers[answer, default: 0] += 1 }
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        if !isOver { failures.add(why) }
    }

    // MARK: Telling

    private func usage() -> UsageTrack.Reading {
        UsageTrack.Reading(server: ProcessUsage(ofServer: options.serverPIDs))
    }

    private func moment() -> TrafficMoment {
        TrafficMoment(
            tally: check.tally, nodeDeliveries: nodeDeliveries, clients, options)
    }

    private func report(
        cutUs: Int64, from before: TrafficMoment, to after: TrafficMoment
    ) -> StormReport {
        let tally = check.tally
        let behind = resume?.behindCount ?? 0
        let delays = resume?.delays ?? Histogram()
        let lastingUs = after.atUs - before.atUs
        return StormReport(
            nodes: NodeUsage.all(named: options.nodes.names, from: before, to: after),
            connections: options.connectionCount, rooms: cast.rooms.count,
            missed: options.missedCount, cutSeconds: Double(cutUs) / 1_000_000,
            resume: LatencySummary(delays),
            resumedSeconds: behind == 0 ? Double(delays.max) / 1_000_000 : nil, behind: behind,
            answers: answers, sent: tally.sent,
            refused: refused + Int64(window.unfinishedCount),
            receiptLatency: LatencySummary(receiptLatency), expected: tally.expected,
            delivered: tally.delivered, lost: tally.lost, duplicated: tally.duplicated,
            reordered: tally.reordered, misplaced: tally.misplaced,
            contradicted: tally.contradicted, strayed: tally.strayed, failures: failures.lines,
            generator: UsageWindow(before.own, after.own, lastingUs: lastingUs),
            server: UsageWindow(before.server, after.server, lastingUs: lastingUs),
            warnings: GeneratorLimit.warnings(
                busyShare: Double(after.threadCPUUs - before.threadCPUUs)
                    / Double(max(1, lastingUs)), latenessP99Ms: LatencySummary(lateness).p99)
                + ServerEnd.warnings(options.serverPIDs, before.server, after.server),
            timeline: TimelineSummary(timeline))
    }
}
