import Engine

/// What was said in a room, for readers that do not (yet) listen.
package struct History: Sendable {
    /// Which part of it is asked for.
    enum Range: Sendable, Hashable {
        case newest
        /// Messages with smaller numbers.
        case before(UInt64)
        case after(UInt64)
        /// What led to a position.
        case until(Position)
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
    /// A page is no larger than this, in bytes of JSON, be it shorter than asked for.
    private static let bytesMax = 512 * 1024

    private let broker: any Broker
    /// A page is read whole before it is cut to size: so many are in memory at a time.
    private let turnstile = Turnstile(countMax: 16)

    package init(broker: any Broker) {
        self.broker = broker
    }

    /// Reads up to `limit` messages of the range, ending where it ends or beginning where it begins.
    func page(
        of room: RoomRoute, _ range: Range, limit: Int
    ) async throws(BrokerError) -> Page {
        await turnstile.enter()
        defer { turnstile.leave() }
        for _ in 0..<Self.attemptsMax {
            let now = try await read(room, after: 0, limit: 0)
            let page = try await page(of: room, range, limit, as: now)
            // Otherwise the stream was lost between the two reads, and has begun anew.
            if page.position.epoch == now.epoch { return page }
        }
        throw .unavailable("the stream begins anew again and again")
    }

    /// How often a page is read again because its stream has begun anew meanwhile.
    private static let attemptsMax = 4

    private func page(
        of room: RoomRoute, _ range: Range, _ limit: Int, as now: StreamPage
    ) async throws(BrokerError) -> Page {
        switch range {
        case .newest:
            return try await page(room, upTo: now.top, limit)
        case .before(let offset):
            return try await page(room, upTo: min(offset, now.top + 1).subtracting(1), limit)
        case .after(let offset):
            return try await page(room, after: min(offset, now.top), limit)
        case .until(let position), .since(let position):
            guard position.epoch == now.epoch, position.offset <= now.top else {
                let newest = try await page(room, upTo: now.top, limit)
                return Page(
                    messages: newest.messages, position: newest.position, resume: .reset)
            }
            if case .since = range { return try await page(room, after: position.offset, limit) }
            return try await page(room, upTo: position.offset.subtracting(1), limit)
        }
    }

    /// Where a room ends now.
    func end(of room: RoomRoute) async throws(BrokerError) -> Position {
        let now = try await read(room, after: 0, limit: 0)
        return Position(epoch: now.epoch, offset: now.top)
    }

    /// The oldest of what follows an offset.
    private func page(
        _ room: RoomRoute, after offset: UInt64, _ limit: Int
    ) async throws(BrokerError) -> Page {
        let page = try await read(room, after: offset, limit: limit)
        let messages = Self.fitting(page.publications.lazy.map(room.policy.rendered))
        return Page(
            messages: messages,
            position: Position(epoch: page.epoch, offset: messages.last?.offset ?? offset),
            resume: offset + 1 >= page.floor ? .complete : .gap)
    }

    /// The newest of what leads up to an offset.
    private func page(
        _ room: RoomRoute, upTo offset: UInt64, _ limit: Int
    ) async throws(BrokerError) -> Page {
        let start = offset.subtracting(limit)
        let page = try await read(room, after: start, limit: Int(offset - start))
        let messages = Self.fitting(page.publications.reversed().lazy.map(room.policy.rendered))
        return Page(
            messages: messages.reversed(),
            position: Position(epoch: page.epoch, offset: messages.first?.offset ?? offset),
            resume: .complete)
    }

    /// The first of the messages that fit a page together; at least one.
    private static func fitting(_ messages: some Sequence<Publication>) -> [Publication] {
        var bytesLeft = bytesMax
        var fitting: [Publication] = []
        for message in messages {
            guard fitting.isEmpty || message.body.count <= bytesLeft else { break }
            bytesLeft -= min(bytesLeft, message.body.count)
            fitting.append(message)
        }
        return fitting
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
