import Measure

/// The scenarios `fanout`, `chat`, `pairs` and `sse`: members of rooms send, or others to them, and
/// every member's deliveries are timed and checked.
final class TrafficRun: ClientObserver {
    private let options: RunOptions
    private let cast: Cast
    private let stop: StopSignal
    private let clients: ClientLoop
    /// Members of each room that send, in turn.
    private let senderCount: Int
    /// Tells our messages from those of an earlier run in the same rooms.
    private let runID = UInt32.random(in: .min ... .max)
    private var check: DeliveryCheck
    /// Nil where messages leave at fixed times.
    private var window: MessageWindow?
    private var failures = FailureLog()
    private var latency = Histogram()
    private var receiptLatency = Histogram()
    private var lateness = Histogram()
    private var timeline = Timeline(startUs: 0)
    private var receiptsDue: Int64 = 0
    private var unsent: Int64 = 0
    private var measureFromUs = Int64.max
    private var lastDeliveryUs: Int64 = 0
    /// To the members of each node.
    private var nodeDeliveries: [Int64]
    /// The number of the next message.
    private var number: Int64 = 0
    private var isOver = false

    /// Senders of a room at most: each member keeps track of each.
    private static let sendersMax = 16
    /// From the last connection to the first message, in microseconds.
    private static let settlingUs: Int64 = 200_000
    /// How long stragglers are waited for after the latest one came, and in all, in microseconds.
    private static let stragglerUs: Int64 = 5_000_000
    private static let drainUs: Int64 = 30_000_000
    /// How often a closed loop is woken at least: it may have nothing to hear.
    private static let closedIntervalUs: Int64 = 5_000

    /// `credentials` are no accounts still to be made.
    init(
        _ options: RunOptions, rooms: [Room], credentials: Credentials, until stop: StopSignal
    ) throws(ClientFailure) {
        self.options = options
        self.stop = stop
        cast = Cast(options, rooms: rooms, credentials: credentials)
        senderCount = Self.senderCount(options, members: options.connectionCount / rooms.count)
        check = DeliveryCheck(
            connectionCount: options.connectionCount, roomCount: rooms.count,
            senderCount: senderCount)
        if case .closed(let size) = options.pace {
            window = MessageWindow(
                size: size, finish: options.wantsReceipts ? .receipt : .allMembers,
                connectionCount: options.connectionCount, roomCount: rooms.count)
        }
        nodeDeliveries = options.nodes.targets.map { _ in 0 }
        clients = try ClientLoop(count: options.clientCount)
    }

    /// Publishers are one to a room; so is the talker before a large audience. Members that only
    /// count would not see the receipts of what they send.
    private static func senderCount(_ options: RunOptions, members: Int) -> Int {
        guard options.publishing == nil, options.scenario != .fanout else { return 1 }
        let reading = options.sampleCount == 0 ? members : min(members, options.sampleCount)
        return min(reading, sendersMax)
    }

    /// Opens the connections, sends, waits for stragglers and says how it went.
    func run() throws(ClientFailure) -> Outcome {
        try clients.openAll(options, for: self, until: stop) { cast.plan($0) }
        let startUs = MonotonicClock.nowUs() + Self.settlingUs
        let schedule = options.pace.ratePerSecond.map {
            Schedule(startUs: startUs, ratePerSecond: $0)
        }
        clients.metronome.retime(
            fromUs: startUs, everyUs: schedule?.wakeIntervalUs ?? Self.closedIntervalUs)
        measureFromUs = startUs + options.warmupUs
        let endUs = measureFromUs + options.durationUs
        timeline = Timeline(startUs: startUs)
        if options.warmupUs > 0 { timeline.mark("measured from here", atUs: measureFromUs) }

        let bar = ProgressBar(startUs: startUs)
        var before = moment()
        while clients.nowUs < endUs, clients.liveCount > 0, !stop.isSet {
            clients.turn(for: self)
            if before.atUs < measureFromUs, clients.nowUs >= measureFromUs { before = moment() }
            if let schedule {
                publishDue(schedule, endUs: endUs)
            } else if clients.nowUs >= startUs, clients.nowUs < endUs {
                publishWithinWindow()
            }
            clients.flush(for: self)
            timeline.sampleUsage(atUs: clients.nowUs) { usage() }
            bar.report(atUs: clients.nowUs) { standing(startUs: startUs, endUs: endUs) }
        }
        let sent = moment()
        drain()
        let after = moment()
        timeline.finish(atUs: after.atUs, usage())
        bar.finish()
        isOver = true
        let report = report(
            from: before, sentBy: sent, to: after, endUs: min(endUs, after.atUs))
        let measured = (measureFromUs - startUs, max(endUs, measureFromUs) - startUs)
        let plot = report.plot(
            subtitle: options.plotSubtitle, deliveries: latency,
            receipts: options.wantsReceipts ? receiptLatency : nil,
            measured: Double(measured.0) / 1_000_000...Double(measured.1) / 1_000_000)
        return Outcome(report: report, text: report.text, isClean: report.isClean, plot: plot)
    }

    /// Waits for what is still on its way, as long as some of it keeps coming. Also where the run was
    /// stopped: what nobody waits for is not lost.
    private func drain() {
        let startUs = clients.nowUs
        while check.tally.lost > 0 || receiptsDue > 0, clients.liveCount > 0,
            clients.nowUs - startUs < Self.drainUs,
            clients.nowUs - max(startUs, lastDeliveryUs) < Self.stragglerUs
        {
            clients.turn(for: self)
        }
    }

    // MARK: Sending

    /// Sends what is due. The messages of the last moment belong to the window, those of the next
    /// do not.
    private func publishDue(_ schedule: Schedule, endUs: Int64) {
        let dueCount = schedule.dueCount(atUs: min(clients.nowUs, endUs - 1))
        while number < dueCount {
            let dueUs = schedule.dueUs(number)
            if !publish(dueUs: dueUs) { unsent += 1 }
            if dueUs >= measureFromUs { lateness.record(MonotonicClock.nowUs() - dueUs) }
            number += 1
        }
    }

    /// Sends until enough is unfinished, or a server does not read.
    private func publishWithinWindow() {
        let nowUs = MonotonicClock.nowUs()
        while window?.hasRoom == true, publish(dueUs: nowUs) {
            number += 1
        }
    }

    /// Sends the next message: the rooms in turn, and in each its senders in turn. False where its
    /// connection can't take it.
    private func publish(dueUs: Int64) -> Bool {
        let roomCount = cast.rooms.count
        let room = Int(number % Int64(roomCount))
        let sender = Int(number / Int64(roomCount) % Int64(senderCount))
        let index = cast.publisher(ofRoom: room, sender: sender)
        guard let client = clients[index], client.isLive, client.isTakingMore else { return false }
        let stamp = Stamp(
            run: runID, room: room, sender: sender,
            sequence: check.send(room: room, sender: sender), dueUs: dueUs)
        // The receipt says when the message was due, so that nothing has to be remembered.
        let message = cast.rooms[room].message(
            stamp.text(byteCount: options.textBytes),
            receipt: options.wantsReceipts ? dueUs : nil)
        clients.publish(message, on: client)
        window?.send(room: room)
        if options.wantsReceipts { receiptsDue += 1 }
        timeline.published(atUs: clients.nowUs)
        return true
    }

    // MARK: Hearing

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        guard cast.isSampled(connection.index) else {
            if body.count >= options.textBytes { counted(1, on: connection, atUs: nowUs) }
            return
        }
        let offset = options.hasOffsets ? position.trailingNumber : nil
        guard let stamp = Stamp(in: body), stamp.run == runID else {
            _ = check.skip(offset: offset, connection: connection.index)
            return
        }
        lastDeliveryUs = nowUs
        guard check.receive(stamp, offset: offset, connection: connection.index) else { return }
        nodeDeliveries[cast.node(of: connection.index)] += 1
        window?.deliver(1, connection: connection.index)
        timeline.delivered(atUs: nowUs, latencyUs: nowUs - stamp.dueUs)
        if stamp.dueUs >= measureFromUs { latency.record(nowUs - stamp.dueUs) }
    }

    func counted(_ deliveryCount: Int, on connection: ClientConnection, atUs nowUs: Int64) {
        lastDeliveryUs = nowUs
        check.count(deliveryCount, connection: connection.index)
        nodeDeliveries[cast.node(of: connection.index)] += Int64(deliveryCount)
        timeline.counted(deliveryCount, atUs: nowUs)
        window?.deliver(deliveryCount, connection: connection.index)
    }

    func acknowledged(
        _ dueUs: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        receiptsDue -= 1
        lastDeliveryUs = nowUs
        window?.acknowledge()
        if dueUs >= measureFromUs { receiptLatency.record(nowUs - dueUs) }
    }

    func refused(_ reason: String, on connection: ClientConnection) {
        window?.acknowledge()
        failures.add(.refused(reason))
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        if !isOver { failures.add(why) }
    }

    // MARK: Telling

    private func standing(startUs: Int64, endUs: Int64) -> Standing {
        Standing(
            elapsedUs: clients.nowUs - startUs, ofUs: endUs - startUs,
            Standing.facts(of: timeline, onTheirWay: check.tally.lost))
    }

    private func usage() -> UsageTrack.Reading {
        UsageTrack.Reading(server: ProcessUsage(ofServer: options.serverPIDs))
    }

    private func moment() -> TrafficMoment {
        TrafficMoment(
            tally: check.tally, nodeDeliveries: nodeDeliveries, clients, options)
    }

    private func report(
        from before: TrafficMoment, sentBy sent: TrafficMoment, to after: TrafficMoment,
        endUs: Int64
    ) -> TrafficReport {
        let tally = after.tally
        let delivered = tally.delivered - before.tally.delivered
        let lastingUs = after.atUs - before.atUs
        // Deliveries that came after the last message was sent took that long, too.
        let seconds = Double(max(endUs, lastDeliveryUs) - before.atUs) / 1_000_000
        let sendingSeconds = Double(sent.atUs - before.atUs) / 1_000_000
        let server = UsageWindow(before.server, after.server, lastingUs: lastingUs)
        let lateness = LatencySummary(lateness)
        var report = TrafficReport(
            scenario: options.scenario.rawValue, connections: options.connectionCount,
            rooms: cast.rooms.count, rate: options.pace.ratePerSecond, seconds: seconds,
            sent: tally.sent, expected: tally.expected, delivered: tally.delivered,
            deliveriesPerSecond: Double(delivered) / max(seconds, 0.001),
            bytesPerDelivery: Double(after.receivedBytes - before.receivedBytes)
                / Double(max(1, delivered)),
            lost: tally.lost, duplicated: tally.duplicated, reordered: tally.reordered,
            misplaced: tally.misplaced, contradicted: tally.contradicted, strayed: tally.strayed,
            unsent: unsent, receiptsMissing: receiptsDue, failures: failures.lines,
            latency: LatencySummary(latency),
            receiptLatency: options.wantsReceipts ? LatencySummary(receiptLatency) : nil,
            lateness: lateness,
            generator: UsageWindow(before.own, after.own, lastingUs: lastingUs), server: server,
            serverCPUPerDeliveryUs: server.flatMap { server in
                delivered > 0 ? server.cpuSeconds * 1_000_000 / Double(delivered) : nil
            })
        report.publishesPerSecond =
            Double(sent.tally.sent - before.tally.sent) / max(sendingSeconds, 0.001)
        report.nodes = NodeUsage.all(named: options.nodes.names, from: before, to: after)
        if case .closed(let size) = options.pace { report.window = size }
        if options.sampleCount > 0 { report.sampledMembers = options.sampleCount }
        report.warnings = GeneratorLimit.warnings(
            busyShare: Double(sent.threadCPUUs - before.threadCPUUs)
                / Double(max(1, sent.atUs - before.atUs)),
            latenessP99Ms: lateness.p99)
        report.warnings += ServerEnd.warnings(options.serverPIDs, before.server, after.server)
        report.timeline = TimelineSummary(timeline)
        return report
    }
}
