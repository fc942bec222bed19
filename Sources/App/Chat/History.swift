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

    private let rooms: Rooms
    /// How many pages were served from rooms' memory, and how many needed the log.
    package let counts = Counts()
    /// A page is read whole before it is cut to size: so many are in memory at a time.
    private let turnstile = Turnstile(countMax: 16)

    package init(rooms: Rooms) {
        self.rooms = rooms
    }

    /// Reads up to `limit` messages of the range, ending where it ends or beginning where it begins.
    func page(
        of room: RoomRoute, _ range: Range, limit: Int
    ) async throws(BrokerError) -> Page {
        await turnstile.enter()
        defer { turnstile.leave() }
        var reader = await HistoryReader(of: room, in: rooms)
        for _ in 0..<Self.attemptsMax {
            let now = try await reader.read(after: 0, limit: 0)
            let page = try await page(range, limit, as: now, from: &reader)
            // Otherwise the stream was lost between the two reads, and has begun anew.
            if page.position.epoch == now.epoch {
                counts.count(reader.neededLog ? .log : .memory)
                return page
            }
        }
        throw .unavailable("the stream begins anew again and again")
    }

    /// How often a page is read again because its stream has begun anew meanwhile.
    private static let attemptsMax = 4

    /// Where a room ends now.
    func end(of room: RoomRoute) async throws(BrokerError) -> Position {
        let now = try await rooms.broker.read(
            room.stream, after: 0, limit: 0, keeping: room.policy.retention)
        return Position(epoch: now.epoch, offset: now.top)
    }

    private func page(
        _ range: Range, _ limit: Int, as now: StreamPage, from reader: inout HistoryReader
    ) async throws(BrokerError) -> Page {
        switch range {
        case .newest:
            return try await page(upTo: now.top, limit, from: &reader)
        case .before(let offset):
            let last = min(offset, now.top + 1).subtracting(1)
            return try await page(upTo: last, limit, from: &reader)
        case .after(let offset):
            return try await page(after: min(offset, now.top), limit, from: &reader)
        case .until(let position), .since(let position):
            guard position.epoch == now.epoch, position.offset <= now.top else {
                let newest = try await page(upTo: now.top, limit, from: &reader)
                return Page(
                    messages: newest.messages, position: newest.position, resume: .reset)
            }
            guard case .since = range else {
                return try await page(
                    upTo: position.offset.subtracting(1), limit, from: &reader)
            }
            return try await page(after: position.offset, limit, from: &reader)
        }
    }

    /// The oldest of what follows an offset.
    private func page(
        after offset: UInt64, _ limit: Int, from reader: inout HistoryReader
    ) async throws(BrokerError) -> Page {
        let page = try await reader.read(after: offset, limit: limit)
        let messages = Self.fitting(page.publications)
        return Page(
            messages: messages,
            position: Position(epoch: page.epoch, offset: messages.last?.offset ?? offset),
            resume: offset + 1 >= page.floor ? .complete : .gap)
    }

    /// The newest of what leads up to an offset.
    private func page(
        upTo offset: UInt64, _ limit: Int, from reader: inout HistoryReader
    ) async throws(BrokerError) -> Page {
        let start = offset.subtracting(limit)
        let page = try await reader.read(after: start, limit: Int(offset - start))
        let messages = Self.fitting(page.publications.reversed())
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
}

extension UInt64 {
    /// Not below zero.
    fileprivate func subtracting(_ count: Int) -> UInt64 { self - Swift.min(self, UInt64(count)) }
}
