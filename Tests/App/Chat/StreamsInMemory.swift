import Engine
import TestSupport

@testable import App

/// The streams of chat rooms over a log in memory.
struct StreamsInMemory {
    let broker: InMemoryBroker
    let cursors: ReadCursors
    let notices: MessageNotices
    let streams: ChatStreams

    init(store: InMemoryStore, now: @escaping @Sendable () -> Int64) {
        let world = NotificationsInMemory(store: store, now: now)
        broker = world.broker
        let simulator = Simulator(seed: 0, loopCount: 1)
        let outlet = RecordingOutlet(index: 0, loop: simulator.loops[0])
        cursors = ReadCursors(
            notifications: world.notifications, broker: broker, now: now
        ) { _, _ in }
        notices = MessageNotices(
            notifications: world.notifications, cursors: cursors, broker: broker,
            keeping: Retention(countMax: 100))
        streams = ChatStreams(
            rooms: Rooms(broker: broker, outlets: [outlet], now: now), cursors: cursors,
            board: MessageNoticeBoard(
                notices, world.notifications, graceMs: 0, now: now
            ) { _, _ in },
            departed: DepartedUsers(store: store), historyMax: 100)
    }
}
