import Foundation
import Measure
import Transport

/// The scenarios `fanout` and `chat`: members of rooms send at the times of a schedule, and every
/// member's deliveries are timed and checked.
final class TrafficRun: ClientObserver {
    private let options: RunOptions
    private let cast: Cast
    private let rooms: [Destinations]
    private let stop: StopSignal
    private let clients: ClientLoop
    /// Members of each room that send, in turn.
    private let senderCount: Int
    /// Tells our messages from those of an earlier run in the same rooms.
    private let runID = UInt32.random(in: .min ... .max)
    private var check: DeliveryCheck
    private var failures = FailureLog()
    private var latency = Histogram()
    private var receiptLatency = Histogram()
    private var lateness = Histogram()
    private var receiptsDue: Int64 = 0
    private var unsent: Int64 = 0
    private var measureFromUs = Int64.max
    private var lastDeliveryUs: Int64 = 0
    private var isOver = false

    /// Senders of a room at most: each member keeps track of each.
    private static let sendersMax = 16
    /// From the last connection to the first message, in microseconds.
    private static let settlingUs: Int64 = 200_000
    /// How long stragglers are waited for after the latest one came, and in all, in microseconds.
    private static let stragglerUs: Int64 = 5_000_000
    private static let drainUs: Int64 = 30_000_000

    /// What was true at the border of the measured window.
    private struct Moment {
        let atUs: Int64
        let tally: DeliveryCheck.Tally
        let receivedBytes: Int
        let own: ProcessUsage
        let server: ProcessUsage?
    }

    /// `rooms` has the destinations of each room; `credentials` are no accounts still to be made.
    init(
        _ options: RunOptions, rooms: [Destinations], credentials: Credentials,
        until stop: StopSignal
    ) throws(ClientFailure) {
        self.options = options
        self.rooms = rooms
        cast = Cast(
            target: options.target, wire: options.wire, rooms: rooms, credentials: credentials)
        self.stop = stop
        let membersPerRoom = options.connectionCount / rooms.count
        senderCount = options.scenario == .fanout ? 1 : min(membersPerRoom, Self.sendersMax)
        check = DeliveryCheck(
            connectionCount: options.connectionCount, roomCount: rooms.count,
            senderCount: senderCount)
        clients = try ClientLoop(count: options.connectionCount)
    }

    /// Opens the connections, sends, waits for stragglers and says how it went.
    func run() throws(ClientFailure) -> TrafficReport {
        StandardError.write("opening \(options.connectionCount) connections")
        try clients.openAll(for: self, until: stop) { cast.member($0) }
        let schedule = Schedule(
            startUs: MonotonicClock.nowUs() + Self.settlingUs, ratePerSecond: options.ratePerSecond)
        clients.metronome.retime(fromUs: schedule.startUs, everyUs: schedule.wakeIntervalUs)
        measureFromUs = schedule.startUs + options.warmupUs
        let endUs = measureFromUs + options.durationUs

        var progress = Progress(startUs: schedule.startUs)
        var number: Int64 = 0
        var before = moment()
        while clients.nowUs < endUs, clients.liveCount > 0, !stop.isSet {
            clients.turn(for: self)
            if before.atUs < measureFromUs, clients.nowUs >= measureFromUs { before = moment() }
            // The messages of the last moment belong to the window, those of the next do not.
            let dueCount = schedule.dueCount(atUs: min(clients.nowUs, endUs - 1))
            while number < dueCount {
                publish(number, dueUs: schedule.dueUs(number))
                number += 1
            }
            progress.report(atUs: clients.nowUs) { progressLine }
        }
        drain()
        let after = moment()
        isOver = true
        return report(from: before, to: after, endUs: min(endUs, after.atUs))
    }

    /// Waits for what is still on its way, as long as some of it keeps coming.
    private func drain() {
        let startUs = clients.nowUs
        while check.tally.lost > 0 || receiptsDue > 0, clients.liveCount > 0, !stop.isSet,
            clients.nowUs - startUs < Self.drainUs,
            clients.nowUs - max(startUs, lastDeliveryUs) < Self.stragglerUs
        {
            clients.turn(for: self)
        }
    }

    // MARK: Sending

    /// Sends message `number`: the rooms in turn, and in each its senders in turn.
    private func publish(_ number: Int64, dueUs: Int64) {
        let room = Int(number % Int64(rooms.count))
        let sender = Int(number / Int64(rooms.count) % Int64(senderCount))
        guard let client = clients[room + sender * rooms.count], client.isTakingMore else {
            unsent += 1
            return
        }
        let sequence = check.send(room: room, sender: sender)
        let stamp = Stamp(
            run: runID, room: room, sender: sender, sequence: sequence, dueUs: dueUs)
        if options.wantsReceipts { receiptsDue += 1 }
        if dueUs >= measureFromUs { lateness.record(MonotonicClock.nowUs() - dueUs) }
        let message = message(to: rooms[room].send, stamp)
        clients.attempt(client, for: self) { client throws(ClientFailure) in
            try client.publish(message)
        }
    }

    private func message(to destination: String, _ stamp: Stamp) -> OutgoingMessage {
        var body = stamp.text(byteCount: options.textBytes)
        var contentType = "text/plain"
        if options.usesChatRooms {
            // A stamp needs no escaping.
            body = Array(#"{"message":""#.utf8) + body + Array(#""}"#.utf8)
            contentType = "application/json"
        }
        // The receipt says when the message was due, so that nothing has to be remembered.
        return OutgoingMessage(
            destination: destination, body: body, contentType: contentType,
            receipt: options.wantsReceipts ? stamp.dueUs : nil)
    }

    // MARK: Receiving

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        guard let stamp = Stamp(in: body), stamp.run == runID else { return }
        let counts = check.receive(
            stamp, offset: position.trailingNumber, connection: connection.index)
        lastDeliveryUs = nowUs
        if counts, stamp.dueUs >= measureFromUs { latency.record(nowUs - stamp.dueUs) }
    }

    func acknowledged(
        _ dueUs: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        receiptsDue -= 1
        lastDeliveryUs = nowUs
        if dueUs >= measureFromUs { receiptLatency.record(nowUs - dueUs) }
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        if !isOver { failures.add(why) }
    }

    // MARK: Telling

    private var progressLine: String {
        let tally = check.tally
        return "sent \(tally.sent)  delivered \(tally.delivered)  "
            + "p99 \((Double(latency.percentile(99)) / 1_000).fixed(2)) ms  "
            + "on their way \(tally.lost)"
    }

    private func moment() -> Moment {
        Moment(
            atUs: MonotonicClock.nowUs(), tally: check.tally,
            receivedBytes: clients.receivedBytes, own: .own,
            server: options.serverPID.flatMap { ProcessUsage(of: $0) })
    }

    private func report(from before: Moment, to after: Moment, endUs: Int64) -> TrafficReport {
        let tally = after.tally
        let delivered = tally.delivered - before.tally.delivered
        let lastingUs = after.atUs - before.atUs
        // Deliveries that came after the last message was sent took that long, too.
        let seconds = Double(max(endUs, lastDeliveryUs) - before.atUs) / 1_000_000
        let server = UsageWindow(before.server, after.server, lastingUs: lastingUs)
        return TrafficReport(
            scenario: options.scenario.rawValue, connections: options.connectionCount,
            rooms: rooms.count, rate: options.ratePerSecond, seconds: seconds, sent: tally.sent,
            expected: tally.expected, delivered: tally.delivered,
            deliveriesPerSecond: Double(delivered) / max(seconds, 0.001),
            bytesPerDelivery: Double(after.receivedBytes - before.receivedBytes)
                / Double(max(1, delivered)),
            lost: tally.lost, duplicated: tally.duplicated, reordered: tally.reordered,
            misplaced: tally.misplaced, contradicted: tally.contradicted, strayed: tally.strayed,
            unsent: unsent, receiptsMissing: receiptsDue, failures: failures.lines,
            latency: LatencySummary(latency),
            receiptLatency: options.wantsReceipts ? LatencySummary(receiptLatency) : nil,
            lateness: LatencySummary(lateness),
            generator: UsageWindow(before.own, after.own, lastingUs: lastingUs), server: server,
            serverCPUPerDeliveryUs: server.flatMap { server in
                delivered > 0 ? server.cpuSeconds * 1_000_000 / Double(delivered) : nil
            })
    }
}
