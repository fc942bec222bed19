import Engine

/// Changing open chats, and taking them away.
extension OpenChats {
    /// Changes what a room says of itself; nil stays as it is. Its owner may, and administrators.
    /// Those inside hear of another title.
    func update(
        _ id: Int64, title: String?, content: String?, images: Pictures? = nil,
        by caller: Identity
    ) async throws(OpenChatError) -> OpenChat {
        for _ in 0..<Self.attemptsMax {
            let (before, version) = try await read(id)
            try Self.checkAuthority(of: caller, over: before)
            var chat = before
            if let title { chat.title = title }
            if let content { chat.content = content }
            if let images { chat.images = images.keys }
            guard chat != before else { return chat }
            let change = Change.put(
                Self.key(id), value: StoredValue.encode(chat), expecting: .version(version))
            let pictures = images?.changes(Self.key(id), before.images ?? []) ?? []
            guard try await commit([change] + pictures) else { continue }
            if chat.title != before.title {
                await streams.tell(
                    .edited(title: chat.title), in: ChatID(.open, id), atMs: now())
            }
            return chat
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// Closes a room for everybody, who hear of it. Its owner may, and administrators. Memberships are
    /// removed afterwards.
    func delete(
        _ id: Int64, by caller: Identity, key: IdempotencyKey?
    ) async throws(OpenChatError) {
        let claim = key.map { Claim("openchat-delete/\(id)", $0, by: caller.user) }
        for _ in 0..<Self.attemptsMax {
            if let claim, try await record(claim.record) != nil { return }
            let (chat, version) = try await read(id)
            try Self.checkAuthority(of: caller, over: chat)
            let changes: [Change] =
                [
                    .remove(Self.key(id), expecting: .version(version)),
                    Self.listing(of: chat).deletion, Remains.of(Self.collection, id).insertion,
                ] + detach(chat.images ?? [])
                + (claim.map { [$0.taken(for: "", nowMs: now())] } ?? [])
            do throws(StoreError) {
                return try await authority.commit(changes, closing: ChatID(.open, id)) {
                    await streams.tell(.closed, in: ChatID(.open, id), atMs: now())
                }
            } catch {
                guard case .conflict = error else { throw .store(error) }
            }
        }
        throw .store(.unavailable("the room changes too often"))
    }

    /// Removes the memberships and bans of a room that is gone, as far as they are listed.
    func removeRemains(of id: Int64) async throws(StoreError) {
        try await store.removePieces(of: Self.members(of: id)) { entries throws(StoreError) in
            entries.compactMap { Int64($0.id).map { UserID($0) } }.flatMap { user in
                [
                    .remove(Self.memberKey(id, user)),
                    .delete(Self.membership(in: id), index: Self.memberships(of: user)),
                    .remove(ReadCursorKey(room: ChatID(.open, id), user: user).record),
                ]
            }
        }
        try await store.removePieces(of: Self.bans(from: id)) { entries throws(StoreError) in
            entries.compactMap { Int64($0.id).map { UserID($0) } }.map {
                .remove(Self.banKey(id, $0))
            }
        }
    }
}
