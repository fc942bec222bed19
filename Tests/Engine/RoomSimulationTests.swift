import Engine
import Foundation
import TestSupport
import Testing

/// What every member of a room may rely on, whatever the order in which things happen.
///
/// `SIMULATION_SEED=17 swift test --filter RoomSimulationTests` replays one seed.
struct RoomSimulationTests {
    private static var seeds: any Sequence<UInt64> {
        let text = ProcessInfo.processInfo.environment["SIMULATION_SEED"]
        return text.flatMap { UInt64($0) }.map { CollectionOfOne($0) } ?? 0..<80
    }

    @Test(arguments: [
        [], [.lossy], [.outages], [.time], [.lossy, .outages, .time] as RoomSimulation.Weather,
    ])
    func `every member gets everything once, in one order`(weather: RoomSimulation.Weather) {
        for seed in Self.seeds {
            let simulation = RoomSimulation(seed: seed, weather: weather)
            simulation.run()
            let wrongs = RoomVerdict(simulation).wrongs
            guard wrongs.isEmpty else {
                Issue.record("SIMULATION_SEED=\(seed): \(wrongs.joined(separator: "; "))")
                return
            }
        }
    }

    @Test func `the same seed gives the same run`() {
        let transcripts = (0..<2).map { _ in
            let simulation = RoomSimulation(seed: 4, weather: [.lossy, .outages, .time])
            simulation.run()
            return simulation.asked.map(\.client.transcript)
        }
        #expect(transcripts[0] == transcripts[1])
    }
}

/// Looks for broken promises in what the clients of a finished simulation were given.
private struct RoomVerdict {
    private(set) var wrongs: [String] = []
    private let log: [UInt64: String]
    private let top: UInt64

    init(_ simulation: RoomSimulation) {
        let publications = simulation.log()
        log = Dictionary(uniqueKeysWithValues: publications.map { ($0.offset, $0.text) })
        top = publications.last?.offset ?? 0
        if publications.map(\.offset) != Array(1...top) { wrongs.append("the log has holes") }
        if Set(log.values).count != log.count { wrongs.append("something was stored twice") }
        for (text, client) in simulation.sent { judgePublication(text, by: client) }
        for asked in simulation.asked { judge(asked) }
    }

    /// A receipt says where the text is stored; what was refused is not stored.
    private mutating func judgePublication(_ text: String, by client: EngineClient) {
        let answers = client.deliveries.filter { delivery in
            switch delivery {
            case .event(.published(text, _)), .event(.refused(_, receipt: text, queue: _)): true
            case .event, .message, .interrupted: false
            }
        }
        if answers.count > 1 { wrongs.append("\(text) was answered \(answers.count) times") }
        switch answers.first {
        case .event(.published(_, let appended)):
            if log[appended.position.offset] != text {
                wrongs.append("\(text) is not at \(appended.position)")
            }
        case .event(.refused):
            if log.values.contains(text) { wrongs.append("\(text) was refused and is stored") }
        default:
            break
        }
    }

    /// Consecutive from the start on, replay before the receipt, live messages after it, nothing
    /// missing at the end.
    private mutating func judge(_ asked: RoomSimulation.Asked) {
        var next: UInt64?
        var isSubscribed = false
        var hasEnded = false
        for delivery in asked.client.deliveries {
            switch delivery {
            case .event(.replay(let publications, let wire)) where wire.id == asked.id:
                if isSubscribed { wrongs.append("\(asked.id): replay after the receipt") }
                for publication in publications { take(publication, of: asked, &next) }
            case .message(let publication, asked.id):
                if !isSubscribed { wrongs.append("\(asked.id): live before the receipt") }
                if hasEnded { wrongs.append("\(asked.id): live after its end") }
                take(publication, of: asked, &next)
            case .event(.subscribed(asked.id, let position, let resume)):
                isSubscribed = true
                judge(asked, subscribedAt: position, resume, next)
                next = position.offset + 1
            case .event(.receipt("end \(asked.id)")), .interrupted:
                hasEnded = true
            case .event(.refused(_, receipt: _, queue: nil)):
                // The session was ended: it unsubscribed from what had been refused meanwhile.
                hasEnded = true
            case .event, .message:
                break
            }
        }
        if asked.isKept, isSubscribed, !hasEnded, next != top + 1 {
            wrongs.append("\(asked.id): stops before \(next ?? 0) of \(top)")
        }
    }

    private mutating func judge(
        _ asked: RoomSimulation.Asked, subscribedAt position: Position, _ resume: Resume,
        _ next: UInt64?
    ) {
        if resume != .complete { wrongs.append("\(asked.id): \(resume)") }
        let first: UInt64?
        switch asked.start {
        case .after(let start): first = next ?? start.offset + 1
        case .last, .live: first = next
        }
        if let first, first != position.offset + 1 {
            wrongs.append("\(asked.id): replay ends before \(first), receipt at \(position)")
        }
    }

    private mutating func take(
        _ publication: Publication, of asked: RoomSimulation.Asked, _ next: inout UInt64?
    ) {
        if next == nil, case .after(let start) = asked.start { next = start.offset + 1 }
        if let next, next != publication.offset {
            wrongs.append("\(asked.id): \(publication.offset) instead of \(next)")
        }
        if log[publication.offset] != publication.text {
            wrongs.append("\(asked.id): another text at \(publication.offset)")
        }
        next = publication.offset + 1
    }
}
