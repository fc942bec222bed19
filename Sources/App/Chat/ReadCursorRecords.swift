import Engine

/// Names the cursor of a user in a room.
struct ReadCursorKey: Hashable, Sendable {
    let room: ChatID
    let user: UserID

    var record: RecordKey { RecordKey("read", "\(room.text)/\(user)") }
}

/// Where a cursor is.
struct ReadCursorState: Sendable {
    /// Nil: nothing was read.
    var position: Position?
    /// Makes a commit fail where the cursor has moved meanwhile, and the move fail that does not know
    /// of the commit.
    let unmoved: Change
}

/// The cursors in the store.
struct ReadCursorRecords: Sendable {
    /// How often a commit is tried again because another node wrote meanwhile.
    private static let attemptsMax = 16

    let notifications: Notifications

    private var store: any Store { notifications.store }

    /// How far was read; nil where nothing was.
    func positions(of keys: [ReadCursorKey]) async throws(StoreError) -> [Position?] {
        var positions: [Position?] = []
        for (key, record) in zip(keys, try await store.records(keys.map(\.record))) {
            positions.append(
                try record.map { record throws(StoreError) in try Self.position(in: record, at: key)
                })
        }
        return positions
    }

    /// Where some cursors are; each also says what belongs into a commit that relies on it.
    func states(of keys: [ReadCursorKey]) async throws(StoreError) -> [ReadCursorState] {
        var states: [ReadCursorState] = []
        for (key, record) in zip(keys, try await store.records(keys.map(\.record))) {
            guard let record else {
                let unmoved = Change.remove(key.record, expecting: .absent)
                states.append(ReadCursorState(position: nil, unmoved: unmoved))
                continue
            }
            let unmoved = Change.put(
                key.record, value: record.value, expecting: .version(record.version))
            states.append(
                ReadCursorState(position: try Self.position(in: record, at: key), unmoved: unmoved))
        }
        return states
    }

    /// Stores marks of different keys in one commit, each where it is newer than what is there, and
    /// reads what their readers were told of the rooms. Returns those that were.
    func write(_ marks: [ReadMark]) async throws(StoreError) -> [ReadMark] {
        let keys = marks.map { ReadCursorKey(room: $0.room, user: $0.user) }
        for _ in 0..<Self.attemptsMax {
            var moved: [ReadMark] = []
            var changes: [Change] = []
            let records = try await store.records(keys.map(\.record))
            let told = try await store.notifications(
                keys.map { .messages(in: $0.room, to: $0.user) })
            for (place, record) in records.enumerated() {
                let mark = marks[place]
                if let record {
                    let position = try Self.position(in: record, at: keys[place])
                    guard mark.position.isNewer(than: position) else { continue }
                }
                moved.append(mark)
                changes.append(
                    .put(
                        keys[place].record, value: Self.value(mark.position),
                        expecting: record.map { .version($0.version) } ?? .absent))
                if let (before, version) = told[place],
                    let after = before.afterReading(to: mark.position)
                {
                    changes += notifications.changing(before, to: after, version)
                }
            }
            if changes.isEmpty { return [] }
            if try await notifications.commit(changes) { return moved }
        }
        throw .unavailable("the cursors change too often")
    }

    /// What makes somebody begin to read at a position, whatever they have read before.
    static func beginning(
        _ key: ReadCursorKey, at position: Position, expecting expectation: Expectation = .any
    ) -> Change {
        .put(key.record, value: value(position), expecting: expectation)
    }

    private static func value(_ position: Position) -> [UInt8] {
        Array(position.description.utf8)
    }

    private static func position(
        in record: Record, at key: ReadCursorKey
    ) throws(StoreError) -> Position {
        guard let position = Position(String(decoding: record.value, as: UTF8.self)) else {
            throw .unavailable("the record \(key.record) is no position")
        }
        return position
    }
}

extension Position {
    /// Whether a cursor moves on to this one. Whoever names a position has just seen its stream: one
    /// of another epoch belongs to an earlier life of it.
    func isNewer(than other: Position) -> Bool {
        epoch != other.epoch || offset > other.offset
    }
}
