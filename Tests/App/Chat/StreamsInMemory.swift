import Engine
import TestSupport

@testable import App

/// The streams of chat rooms over a log in memory.
struct StreamsInMemory {
    let broker: InMemoryBroker
    let streams: ChatStreams

    init(store: any Store, now: @escaping @Sendable () -> Int64) {
        broker = InMemoryBroker(epoch: Epoch(rawValue: 7), now: now)
        let simulator = Simulator(seed: 0, loopCount: 1)
        let outlet = RecordingOutlet(index: 0, loop: simulator.loops[0])
        let cursors = ReadCursors(store: store, broker: broker, now: now) { _, _ in }
        streams = ChatStreams(
            rooms: Rooms(broker: broker, outlets: [outlet], now: now), cursors: cursors,
            departed: DepartedUsers(store: store), historyMax: 100)
    }
}
