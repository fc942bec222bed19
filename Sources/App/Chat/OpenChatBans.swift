import Engine

/// Who is kept out of an open chat.
extension OpenChats {
    /// Users who may be kept out of one room. Nobody asks whether they exist: other issuers' users
    /// have no account here.
    static let bansMax = 10_000

    /// Ends a user's membership and keeps them out until `readmit`; their subscriptions to the room
    /// end. Its owner may, and administrators; nobody keeps the owner out. Nothing where they were
    /// kept out already.
    func kick(_ user: UserID, from id: Int64, by caller: Identity) async throws(OpenChatError) {
        try await inTurn(id) { () async throws(OpenChatError) in
            try await kickNow(user, from: id, by: caller)
        }
    }

    private func kickNow(
        _ user: UserID, from id: Int64, by caller: Identity
    ) async throws(OpenChatError) {
        for _ in 0..<Self.attemptsMax {
            var (chat, version) = try await read(id)
            try Self.checkAuthority(of: caller, over: chat)
            guard user.rawValue != chat.ownerId else { throw .forbidden }
            let found = try await records([Self.banKey(id, user), Self.memberKey(id, user)])
            guard found[0] == nil else { return }
            try await checkBanCount(of: id)
            let membership = found[1]
            if membership != nil { chat.memberCount -= 1 }
            var changes: [Change] = [
                .put(Self.banKey(id, user), value: [], expecting: .absent),
                .insert(Self.ban(of: user), index: Self.bans(from: id)),
                // Also where the count stays: whoever joins at the same time is in conflict.
                .put(
                    Self.key(id), value: StoredValue.encode(chat), expecting: .version(version)),
            ]
            if let membership {
                changes += Self.departure(of: user, from: id, membership)
            }
            do throws(StoreError) {
                return try await authority.commit(changes, [.kicked], of: user)
            } catch {
                switch error {
                case .conflict: continue
                case .unavailable: throw .store(error)
                }
            }
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// Lets a user in again, who may be no member any more; nothing where they were not kept out.
    func readmit(_ user: UserID, to id: Int64, by caller: Identity) async throws(OpenChatError) {
        try Self.checkAuthority(of: caller, over: try await chat(id))
        guard try await record(Self.banKey(id, user)) != nil else { return }
        do {
            try await authority.commit(
                [
                    .remove(Self.banKey(id, user)),
                    .delete(Self.ban(of: user), index: Self.bans(from: id)),
                ], [.readmitted], of: user)
        } catch {
            throw .store(error)
        }
    }

    static func checkAuthority(
        of caller: Identity, over chat: OpenChat
    ) throws(OpenChatError) {
        guard caller.user.rawValue == chat.ownerId || caller.role == .admin else {
            throw .forbidden
        }
    }

    private func checkBanCount(of id: Int64) async throws(OpenChatError) {
        let count: Int
        do {
            count = try await store.count(of: Self.bans(from: id), in: .all)
        } catch {
            throw .store(error)
        }
        guard count < Self.bansMax else { throw .tooManyBans }
    }

    /// The index of who is kept out of an open chat.
    static func bans(from id: Int64) -> String { "openchat-bans/\(id)" }

    /// A user in that index.
    private static func ban(of user: UserID) -> IndexEntry {
        IndexEntry(sortKey: user.rawValue.sortKey, id: user.description)
    }

    static func banKey(_ id: Int64, _ user: UserID) -> RecordKey {
        RecordKey("openchat-ban", "\(id)/\(user)")
    }
}
