import Measure
import Transport

/// The scenario `soak`: clients that behave as people's do, each in a few rooms, come and go at random
/// while the server may be killed under them; everything that reaches them is checked.
///
/// Each keeps what it has written until its receipt is there, sends it again with the same key on
/// its next connection, and resumes every room after the last message it has seen.
final class SoakRun: ClientObserver {
    let options: RunOptions
    let rooms: [Room]
    let clients: ClientLoop
    let runID = UInt32.random(in: .min ... .max)
    var habits: SoakHabits
    var members: [SoakClient]
    /// The clients that are in the busy room.
    let busyMembers: [Int]
    /// What each client says on its connection; nil without one.
    var dialogues: [FrameDialogue?]
    /// When each client does the next thing by itself.
    var wakeUs: [Int64]
    var chronicles: [RoomChronicle]
    var tally = SoakTally()
    var failures = FailureLog()
    /// Letters of each room that were refused once, and may stand behind later ones.
    var refusedLetters: [Set<RoomLedger.Message>]
    /// What an ERROR said last, by client: how long it asked to stay away.
    var delaysUs: [Int: Int64] = [:]
    /// Connections that ended without a word, by the second of the clock.
    var cutOffs: [Int64: Int] = [:]
    /// What is to be done once the kernel's reports are worked off.
    var due: [Due] = []
    var latency = Histogram()
    var receiptLatency = Histogram()
    var timeline: Timeline
    let journal: Journal?
    let credentials: Credentials
    var step = Step.arriving
    private let stop: StopSignal
    private let bar: ProgressBar
    private var number: Int64 = 0

    /// What a client owes because of what it has heard.
    enum Due: Sendable {
        /// To send a letter again that was refused, at that time.
        case letter(client: Int, receipt: Int64, atUs: Int64)
        /// To acknowledge the message that its `ack` header calls so.
        case acknowledgement(client: Int, slot: Int, id: String, offset: Int64)
    }

    enum Step {
        /// Everybody comes for the first time.
        case arriving
        case running
        /// Everybody comes back for good, and waits for what is missing.
        case settling
        /// What happens now is not counted.
        case over
    }

    /// Nobody waits longer for an answer to an upgrade, to CONNECT or to DISCONNECT, in microseconds.
    static let answerUs: Int64 = 30_000_000
    /// How long everybody may take to arrive, and to have everything in the end, in microseconds.
    private static let patienceUs: Int64 = 90_000_000
    private static let intervalUs: Int64 = 2_000

    /// `credentials` are no accounts still to be made.
    init(
        _ options: RunOptions, rooms: [Room], credentials: Credentials, until stop: StopSignal
    ) throws(ClientFailure) {
        self.options = options
        self.rooms = rooms
        self.credentials = credentials
        self.stop = stop
        let count = options.connectionCount
        var habits = SoakHabits(
            seed: options.seed, roomCount: rooms.count, stayUs: options.stayUs)
        members = (0..<count).map { SoakClient(habits.memberships(of: $0)) }
        self.habits = habits
        busyMembers = (0..<count).filter(SoakHabits.isBusy)
        dialogues = Array(repeating: nil, count: count)
        wakeUs = Array(repeating: .max, count: count)
        chronicles = Array(repeating: RoomChronicle(), count: rooms.count)
        refusedLetters = Array(repeating: [], count: rooms.count)
        do throws(SystemError) {
            journal = try options.journalPath.map { path throws(SystemError) in
                try Journal(path: path)
            }
        } catch {
            throw .system(error)
        }
        clients = try ClientLoop(count: count)
        let nowUs = MonotonicClock.nowUs()
        timeline = Timeline(startUs: nowUs)
        bar = ProgressBar(startUs: nowUs)
    }

    /// Lets everybody arrive, live for the duration, and settle.
    func run() throws(ClientFailure) -> Outcome {
        let before = ProcessUsage.own
        let arrivedUs = try arrive()
        let schedule = Schedule(
            startUs: arrivedUs, ratePerSecond: options.pace.ratePerSecond ?? 1)
        let endUs = arrivedUs + options.durationUs
        step = .running
        timeline.mark("all there", atUs: arrivedUs)
        for index in members.indices { plan(index, afterUs: habits.stay()) }
        while clients.nowUs < endUs, !stop.isSet {
            turn()
            let dueCount = schedule.dueCount(atUs: min(clients.nowUs, endUs - 1))
            while number < dueCount {
                write()
                number += 1
            }
            if let failure = journal?.failure { throw .system(failure) }
        }
        timeline.mark("all come back for good", atUs: clients.nowUs)
        settle()
        timeline.finish(atUs: clients.nowUs, usage())
        bar.finish()
        step = .over
        audit()
        let report = report(
            generator: UsageWindow(
                before, .own, lastingUs: clients.nowUs - timeline.startUs),
            seconds: Double(clients.nowUs - arrivedUs) / 1_000_000)
        return Outcome(
            report: report, text: report.text, isClean: report.isClean,
            plot: report.plot(
                subtitle: options.plotSubtitle, deliveries: latency, receipts: receiptLatency))
    }

    // MARK: The steps

    /// Returns when everybody has subscribed to everything for the first time.
    private func arrive() throws(ClientFailure) -> Int64 {
        let startUs = MonotonicClock.nowUs()
        clients.metronome.retime(fromUs: startUs, everyUs: Self.intervalUs)
        let count = Int64(members.count)
        // Two thousand a second, where nobody asks for another pace.
        let rampUpUs = options.rampUpUs > 0 ? options.rampUpUs : count * 500
        for index in members.indices { wakeUs[index] = startUs + rampUpUs * Int64(index) / count }
        while !members.allSatisfy(\.isSubscribed) {
            guard !stop.isSet else { throw .stopped("not everybody was there yet") }
            guard clients.nowUs - startUs < Self.patienceUs + rampUpUs else {
                throw .timedOut("\(members.count { !$0.isSubscribed }) clients never got in")
            }
            turn()
        }
        return clients.nowUs
    }

    /// Brings everybody back, and returns when all have everything, or that takes too long.
    private func settle() {
        step = .settling
        let startUs = clients.nowUs
        for index in members.indices {
            switch members[index].phase {
            case .online: wakeUs[index] = .max
            case .deaf: wakeUs[index] = startUs
            case .away where !members[index].isToldToWait:
                let latestUs = startUs + .random(in: 0...2_000_000, using: &habits.random)
                wakeUs[index] = min(wakeUs[index], latestUs)
            case .away, .connecting, .leaving: break
            }
        }
        var nextLookUs = startUs
        while clients.nowUs - startUs < Self.patienceUs {
            turn()
            guard clients.nowUs >= nextLookUs else { continue }
            if isSettled { return }
            nextLookUs = clients.nowUs + 50_000
        }
    }

    private var isSettled: Bool {
        members.allSatisfy { member in
            member.isSubscribed && member.outbox.isEmpty
                && member.memberships.allSatisfy { membership in
                    let chronicle = chronicles[membership.room]
                    return membership.epoch == chronicle.epoch
                        && membership.check.highest == chronicle.top
                }
        }
    }

    private func turn() {
        clients.flush(for: self)
        clients.turn(for: self)
        let nowUs = clients.nowUs
        for index in wakeUs.indices where wakeUs[index] <= nowUs { wake(index) }
        pay(atUs: nowUs)
        timeline.sampleUsage(atUs: nowUs) { usage() }
        bar.report(atUs: nowUs) { standing }
    }
}
