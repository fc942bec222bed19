import Engine
import Synchronization

/// Reads a room's messages from the memory of the open room as long as that has them, else from its
/// log; what the log had to be asked for is in the memory next time.
struct HistoryReader: Sendable {
    /// Whether any read had to ask the log.
    private(set) var neededLog = false

    private let broker: any Broker
    private let room: RoomRoute
    private let openRoom: Room?
    private let memory: RoomMemory?

    /// A broker that can lose announcements is asked whether the room has heard everything: what was
    /// published before this call, on any node, will be read.
    init(of room: RoomRoute, in rooms: Rooms) async {
        self.room = room
        broker = rooms.broker
        openRoom = rooms.openRoom(named: room.stream)
        var memory = await openRoom?.memory()
        if rooms.broker.losesAnnouncements, let position = memory?.position {
            // Where the broker can't be asked, the log can't be read either, and its reader says so.
            let tops = try? await broker.tops(of: [room.stream], keeping: room.policy.retention)
            if tops?.first.map({ Position(epoch: $0.epoch, offset: $0.top) }) != position {
                memory = nil
            }
        }
        self.memory = memory
    }

    /// A page of messages as members received them, with offsets above `after`, oldest first.
    mutating func read(
        after offset: UInt64, limit: Int
    ) async throws(BrokerError) -> StreamPage {
        if !neededLog, let page = memory?.page(after: offset, limit: limit) { return page }
        neededLog = true
        let page = try await broker.read(
            room.stream, after: offset, limit: limit, keeping: room.policy.retention)
        if !page.publications.isEmpty { await openRoom?.remember(page) }
        return StreamPage(
            epoch: page.epoch, publications: page.publications.map(room.policy.rendered),
            floor: page.floor, top: page.top)
    }
}

extension History {
    /// Counts pages by where they came from. From any thread.
    package final class Counts: Sendable {
        enum Source {
            case memory, log
        }

        private let memoryCount = Atomic<Int>(0)
        private let logCount = Atomic<Int>(0)

        /// Pages that needed nothing but a room's memory.
        package var fromMemory: Int { memoryCount.load(ordering: .relaxed) }
        /// Pages that the log was read for.
        package var fromLog: Int { logCount.load(ordering: .relaxed) }

        func count(_ source: Source) {
            switch source {
            case .memory: memoryCount.add(1, ordering: .relaxed)
            case .log: logCount.add(1, ordering: .relaxed)
            }
        }
    }
}
