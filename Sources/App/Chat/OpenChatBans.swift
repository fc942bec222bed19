import Engine

/// Who is kept out of an open chat.
extension OpenChats {
    /// Ends a user's membership and keeps them out until `readmit`; their subscriptions to the room
    /// end. Its owner may, and administrators; nobody keeps the owner out.
    func kick(_ user: UserID, from id: Int64, by caller: Identity) async throws(OpenChatError) {
        for _ in 0..<Self.attemptsMax {
            var (chat, version) = try await read(id)
            try Self.checkAuthority(of: caller, over: chat)
            guard user.rawValue != chat.ownerId else { throw .forbidden }
            let memberKey = Self.memberKey(id, user)
            let membership = try await record(memberKey)
            if membership != nil { chat.memberCount -= 1 }
            var changes: [Change] = [
                .put(Self.banKey(id, user), value: []),
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
        do {
            try await authority.commit(
                [.remove(Self.banKey(id, user))], [.readmitted], of: user)
        } catch {
            throw .store(error)
        }
    }

    private static func checkAuthority(
        of caller: Identity, over chat: OpenChat
    ) throws(OpenChatError) {
        guard caller.user.rawValue == chat.ownerId || caller.role == .admin else {
            throw .forbidden
        }
    }

    static func banKey(_ id: Int64, _ user: UserID) -> RecordKey {
        RecordKey("openchat-ban", "\(id)/\(user)")
    }
}
