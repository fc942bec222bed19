import Engine

/// What was said in a room, for readers that do not (yet) listen.
struct History: Sendable {
    /// Which part of it is asked for.
    enum Range: Sendable, Hashable {
        case newest
        /// Messages with smaller numbers.
        case before(UInt64)
        case after(UInt64)
        /// What followed a position; honest about what can't be told.
        case since(Position)
    }

    struct Page: Sendable {
        /// Ascending, as members received them.
        let messages: [Publication]
        /// What the page is true for: subscribing from here misses nothing after its last message.
        let position: Position
        let resume: Resume
    }

    static let limitMax = 100

    private let broker: any Broker

    init(broker: any Broker) {
        self.broker = broker
    }

    /// Reads up to `limit` messages of the range.
    func page(
        of room: RoomRoute, _ range: Range, limit: Int
    ) async throws(BrokerError) -> Page {
        let now = try await read(room, after: 0, limit: 0)
        switch range {
        case .newest:
            return try await page(room, after: now.top.subtracting(limit), limit)
        case .before(let offset):
            let end = min(offset, now.top + 1).subtracting(1)
            let start = end.subtracting(limit)
            return try await page(room, after: start, Int(end - start))
        case .after(let offset):
            return try await page(room, after: min(offset, now.top), limit)
        case .since(let position):
            guard position.epoch == now.epoch, position.offset <= now.top else {
                let newest = try await page(room, after: now.top.subtracting(limit), limit)
                return Page(
                    messages: newest.messages, position: newest.position, resume: .reset)
            }
            return try await page(room, after: position.offset, limit)
        }
    }

    private func page(
        _ room: RoomRoute, after offset: UInt64, _ limit: Int
    ) async throws(BrokerError) -> Page {
        let page = try await read(room, after: offset, limit: limit)
        return Page(
            messages: page.publications.map(room.policy.rendered),
            position: Position(
                epoch: page.epoch, offset: page.publications.last?.offset ?? offset),
            resume: offset + 1 >= page.floor ? .complete : .gap)
    }

    private func read(
        _ room: RoomRoute, after offset: UInt64, limit: Int
    ) async throws(BrokerError) -> StreamPage {
        try await broker.read(
            room.stream, after: offset, limit: limit, keeping: room.policy.retention)
    }
}

extension UInt64 {
    /// Not below zero.
    fileprivate func subtracting(_ count: Int) -> UInt64 { self - Swift.min(self, UInt64(count)) }
}
