import Engine

/// Who is a member of which open chats.
extension OpenChats {
    /// Open chats that one user may be a member of.
    static let perUserMax = 1_000

    /// Makes a user a member, unless they are kept out. They begin to read at a position (nil: at the
    /// first message). A member stays one, and has read what they had.
    func join(
        _ id: Int64, _ user: UserID, readingFrom position: Position? = nil
    ) async throws(OpenChatError) {
        try await inTurn(id) { () async throws(OpenChatError) in
            try await joinNow(id, user, readingFrom: position)
        }
    }

    private func joinNow(
        _ id: Int64, _ user: UserID, readingFrom position: Position?
    ) async throws(OpenChatError) {
        let cursor = ReadCursorKey(room: ChatID(.open, id), user: user)
        for _ in 0..<Self.attemptsMax {
            var (chat, version) = try await read(id)
            try await check(id, for: user)
            let found = try await records([Self.memberKey(id, user), cursor.record])
            var changes = Self.listing(user, in: id)
            if found[0] == nil {
                try await checkMembershipCount(of: user)
                chat.memberCount += 1
                changes += [
                    .put(Self.memberKey(id, user), value: [], expecting: .absent),
                    .put(
                        Self.key(id), value: StoredValue.encode(chat),
                        expecting: .version(version)),
                ]
                if let position {
                    changes.append(ReadCursorRecords.beginning(cursor, at: position))
                }
            } else {
                // Memberships that were made before they were listed are, from here on.
                guard try await !isListed(id, user) else { return }
                if found[1] == nil, let position {
                    changes.append(
                        ReadCursorRecords.beginning(cursor, at: position, expecting: .absent))
                }
            }
            if try await commit(changes) { return }
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// Ends a user's membership, where there is one.
    func leave(_ id: Int64, _ user: UserID) async throws(OpenChatError) {
        try await inTurn(id) { () async throws(OpenChatError) in try await leaveNow(id, user) }
    }

    private func leaveNow(_ id: Int64, _ user: UserID) async throws(OpenChatError) {
        for _ in 0..<Self.attemptsMax {
            var (chat, version) = try await read(id)
            guard let record = try await record(Self.memberKey(id, user)) else { return }
            chat.memberCount -= 1
            let changes =
                Self.departure(of: user, from: id, record) + [
                    .put(
                        Self.key(id), value: StoredValue.encode(chat),
                        expecting: .version(version))
                ]
            if try await commit(changes) { return }
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// The open chats that a user is a member of, in the order in which they were made.
    func rooms(of user: UserID) async throws(StoreError) -> [OpenChat] {
        let entries = try await store.entries(
            of: Self.memberships(of: user), in: .all, descending: false, skip: 0,
            limit: Self.perUserMax)
        let keys = entries.map { RecordKey(Self.collection, $0.id) }
        var chats: [OpenChat] = []
        for (key, record) in zip(keys, try await store.records(keys)) {
            guard let record else { continue }
            chats.append(try StoredValue.decode(OpenChat.self, from: record, at: key))
        }
        return chats
    }

    /// What ends a membership that is there, and what hangs on it.
    static func departure(
        of user: UserID, from id: Int64, _ membership: Record
    ) -> [Change] {
        [
            .remove(memberKey(id, user), expecting: .version(membership.version)),
            .delete(Self.membership(in: id), index: memberships(of: user)),
            .delete(member(user), index: members(of: id)),
            .remove(ReadCursorKey(room: ChatID(.open, id), user: user).record),
        ]
    }

    /// Lists a user among a room's members, and the room among the user's.
    static func listing(_ user: UserID, in id: Int64) -> [Change] {
        [
            .insert(membership(in: id), index: memberships(of: user)),
            .insert(member(user), index: members(of: id)),
        ]
    }

    /// The index of a room's members.
    static func members(of id: Int64) -> String { "openchat/\(id)/members" }

    /// A user in that index.
    static func member(_ user: UserID) -> IndexEntry {
        IndexEntry(sortKey: user.rawValue.sortKey, id: user.description)
    }

    /// The index of the open chats that a user is a member of.
    static func memberships(of user: UserID) -> String { "openchat-of/\(user)" }

    /// A room in that index.
    static func membership(in id: Int64) -> IndexEntry {
        IndexEntry(sortKey: id.sortKey, id: String(id))
    }

    func checkMembershipCount(of user: UserID) async throws(OpenChatError) {
        guard try await count(of: user, in: .all) < Self.perUserMax else { throw .tooManyRooms }
    }

    private func isListed(_ id: Int64, _ user: UserID) async throws(OpenChatError) -> Bool {
        let range = IndexRange(from: id.sortKey, upTo: (id + 1).sortKey)
        return try await count(of: user, in: range) > 0
    }

    private func count(
        of user: UserID, in range: IndexRange
    ) async throws(OpenChatError) -> Int {
        do {
            return try await store.count(of: Self.memberships(of: user), in: range)
        } catch {
            throw .store(error)
        }
    }

    /// False where somebody else was first.
    func commit(_ changes: [Change]) async throws(OpenChatError) -> Bool {
        do {
            return try await store.isCommitted(changes)
        } catch {
            throw .store(error)
        }
    }
}
