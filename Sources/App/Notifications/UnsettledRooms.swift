import Engine
import Synchronization

/// Finds chat rooms where something was said that a node which has ended did not tell the members of.
///
/// A node that begins goes through all rooms, and then through some of them again and again, so that
/// those of other nodes are found, too. What it costs: for each room the stream's top and a record, of
/// 128 rooms at a time, every two seconds.
package final class UnsettledRooms: Sendable {
    private static let pieceSize: Int64 = 128
    /// What was said later is still being told by its node, in milliseconds.
    private static let patienceMs: Int64 = 10_000
    /// Where nobody was ever told anything of a room, as after an import, what is older is no news, in
    /// milliseconds.
    private static let newsMaxMs: Int64 = 24 * 60 * 60 * 1_000

    /// Where the next piece begins, and whether all rooms were looked at once.
    private struct Place {
        var kind = ChatID.Kind.open
        var number: Int64 = 1
        var hasSeenAll = false
    }

    private let store: any Store
    private let broker: any Broker
    private let board: MessageNoticeBoard
    private let retention: Retention
    private let now: @Sendable () -> Int64
    private let place = Mutex(Place())

    /// `retention` is that of chat rooms.
    package init(
        store: any Store, broker: any Broker, board: MessageNoticeBoard,
        keeping retention: Retention, now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.broker = broker
        self.board = board
        self.retention = retention
        self.now = now
    }

    /// Looks at some rooms every two seconds, and at all of them in the beginning.
    package var chore: Upkeep.Chore {
        Upkeep.Chore("unsettled-rooms", every: .seconds(2)) { () throws(StoreError) in
            try await self.sweep()
        }
    }

    /// Takes note that all members of a room were told what was said up to a position.
    static func settle(
        _ chat: ChatID, at position: Position, in store: any Store
    ) async throws(StoreError) {
        try await store.commit([settling(chat, at: position)])
    }

    private static func settling(_ chat: ChatID, at position: Position) -> Change {
        .put(key(chat), value: Array(position.description.utf8))
    }

    private static func key(_ chat: ChatID) -> RecordKey { RecordKey("room-settled", chat.text) }

    /// Looks at a piece of the rooms; returns whether there is more to be looked at now.
    func sweep() async throws(StoreError) -> Bool {
        let here = place.withLock { $0 }
        let counter =
            switch here.kind {
            case .open: OpenChats.collection
            case .trade: TradeChats.collection
            }
        let last = try await store.values(of: [counter])[0]
        let end = max(here.number, min(here.number + Self.pieceSize, last + 1))
        let numbers = here.number..<end
        try await look(
            at: numbers.map { ChatID(here.kind, $0) }, isFirstTime: !here.hasSeenAll)
        return place.withLock { place in
            place.number = numbers.upperBound
            if place.number > last {
                place.number = 1
                place.kind = here.kind == .open ? .trade : .open
                if here.kind == .trade { place.hasSeenAll = true }
            }
            return !place.hasSeenAll
        }
    }

    private func look(at chats: [ChatID], isFirstTime: Bool) async throws(StoreError) {
        guard !chats.isEmpty else { return }
        // Before the tops: what is settled meanwhile is at most looked at once more.
        let settled = try await store.records(chats.map(Self.key))
        let tops: [StreamTop]
        do throws(BrokerError) {
            tops = try await broker.tops(of: chats.map(\.messages), keeping: retention)
        } catch {
            throw StoreError(error)
        }
        let nowMs = now()
        var changes: [Change] = []
        for (place, chat) in chats.enumerated() {
            guard let newest = tops[place].newest,
                isFirstTime || newest.timestampMs < nowMs - Self.patienceMs
            else { continue }
            let position = settled[place].flatMap {
                Position(String(decoding: $0.value, as: UTF8.self))
            }
            let top = Position(epoch: tops[place].epoch, offset: tops[place].top)
            if let position {
                if top.isNewer(than: position) { board.said(in: chat) }
            } else if newest.timestampMs < nowMs - Self.newsMaxMs {
                changes.append(Self.settling(chat, at: top))
            } else {
                board.said(in: chat)
            }
        }
        if !changes.isEmpty { try await store.commit(changes) }
    }
}
