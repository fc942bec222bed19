import Measure
import Transport

/// `loadtest publish`: publishes on and on while the server comes and goes, and keeps a journal by
/// which everybody can see what must be stored.
final class PublishRun: ClientObserver {
    private let options: PublishOptions
    private let stop: StopSignal
    private let clients: ClientLoop
    private let journal: Journal
    private var publishers: [Publisher]
    private var generator = SystemRandomNumberGenerator()
    /// Begins every key, so that runs don't take each other's for repeated ones.
    private let runID = String(UInt64.random(in: .min ... .max), radix: 36)
    private var sentCount: Int64 = 0
    private var storedCount: Int64 = 0
    private var lossCount = 0
    private var lastFailure: ClientFailure?

    /// How long receipts are waited for once the duration is over, in microseconds.
    private static let drainUs: Int64 = 5_000_000

    /// Fails where the journal can't be written.
    init(_ options: PublishOptions, until stop: StopSignal) throws(ClientFailure) {
        self.options = options
        self.stop = stop
        do throws(SystemError) {
            journal = try Journal(path: options.journalPath)
        } catch {
            throw .system(error)
        }
        publishers = Array(repeating: Publisher(), count: options.connectionCount)
        clients = try ClientLoop(count: options.connectionCount)
    }

    /// Publishes until the duration is over and its receipts are there, or until SIGTERM. Fails where
    /// receipts are missing after the duration, or the journal could not be written.
    func run() throws(ClientFailure) {
        for index in publishers.indices { connect(index) }
        let schedule = Schedule(
            startUs: MonotonicClock.nowUs(), ratePerSecond: options.ratePerSecond)
        clients.metronome.retime(fromUs: schedule.startUs, everyUs: schedule.wakeIntervalUs)
        let endUs = options.durationUs.map { schedule.startUs + $0 } ?? .max
        let bar = ProgressBar(startUs: schedule.startUs)
        var number: Int64 = 0
        while !stop.isSet, clients.nowUs < endUs {
            turn()
            let dueCount = schedule.dueCount(atUs: min(clients.nowUs, endUs - 1))
            while number < dueCount {
                publish(number)
                number += 1
            }
            bar.report(atUs: clients.nowUs) {
                Standing(
                    elapsedUs: clients.nowUs - schedule.startUs, ofUs: options.durationUs,
                    [progressLine])
            }
            if let failure = journal.failure { throw .system(failure) }
        }
        while !stop.isSet, unacknowledgedCount > 0, clients.nowUs < endUs + Self.drainUs { turn() }
        bar.finish()
        StandardError.write(progressLine)
        guard stop.isSet || unacknowledgedCount == 0 else {
            throw .timedOut("\(unacknowledgedCount) messages have no receipt")
        }
    }

    private var unacknowledgedCount: Int {
        publishers.reduce(0) { $0 + $1.unacknowledged.count }
    }

    private var progressLine: String {
        "sent \(sentCount)  stored \(storedCount)  without receipt \(unacknowledgedCount)  "
            + "connections lost \(lossCount)"
            + (lastFailure.map { "  (\($0))" } ?? "")
    }

    private func turn() {
        clients.turn(for: self)
        for index in publishers.indices
        where publishers[index].shouldReconnect(atUs: clients.nowUs) {
            connect(index)
        }
    }

    private func connect(_ index: Int) {
        do throws(ClientFailure) {
            var task = DialogueTask(
                authority: options.target.authority,
                path: options.target.path.text(room: "", client: index))
            task.identity = options.credentials.identity(ofConnection: index)
            try clients.open(
                index,
                ClientPlan(dialogue: STOMPDialogue(task), address: options.target.address))
        } catch {
            publishers[index].lost(atUs: clients.nowUs, using: &generator)
        }
    }

    // MARK: Sending

    /// Sends message `number`, connections and rooms in turn; nothing while its connection is away or
    /// waits for too many receipts.
    private func publish(_ number: Int64) {
        let index = Int(number % Int64(options.connectionCount))
        guard let client = clients[index], client.isLive, publishers[index].hasRoom else { return }
        let turn = number / Int64(options.connectionCount)
        let message = Publisher.Message(
            room: options.rooms[Int(turn % Int64(options.rooms.count))],
            key: key(number, of: index), number: number)
        sentCount += 1
        publishers[index].send(message)
        send(message, on: client)
    }

    private func key(_ number: Int64, of index: Int) -> String { "\(runID)-\(index)-\(number)" }

    private func send(_ message: Publisher.Message, on client: ClientConnection) {
        journal.sent(room: message.room, key: message.key)
        let outgoing = OutgoingMessage(
            destination: RoomTemplates.chatRooms.room(message.room).send,
            body: Array(#"{"message":"\#(message.key)"}"#.utf8), contentType: "application/json",
            receipt: message.number, idempotencyKey: message.key)
        clients.attempt(client, for: self) { client throws(ClientFailure) in
            client.publish(outgoing)
            try client.flush()
        }
    }

    // MARK: Hearing

    func opened(_ connection: ClientConnection) {
        publishers[connection.index].connected()
        for message in publishers[connection.index].unacknowledged {
            // A failed send has closed it.
            guard clients[connection.index] === connection else { return }
            send(message, on: connection)
        }
    }

    func delivered(
        _ body: Span<UInt8>, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        // Publishers subscribe to nothing: a server that sends a message all the same is mistaken.
    }

    func acknowledged(
        _ number: Int64, position: Span<UInt8>, on connection: ClientConnection,
        atUs nowUs: Int64
    ) {
        let key = key(number, of: connection.index)
        guard !position.isEmpty, let message = publishers[connection.index].acknowledge(key)
        else { return }
        storedCount += 1
        journal.stored(room: message.room, key: message.key, position: position.text)
    }

    func closed(_ connection: ClientConnection, why: ClientFailure) {
        lossCount += 1
        lastFailure = why
        publishers[connection.index].lost(atUs: clients.nowUs, using: &generator)
    }
}
