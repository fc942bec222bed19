import Engine

/// Removes what a user left whose account is gone: articles, comments, likes and bookmarks, rooms and
/// memberships, pets. What they said in rooms that others made stays, under no name
/// (`DepartedUsers`).
///
/// Everything is removed as the user could have removed it, so that others hear of it as usual, and
/// can be begun again at any point.
package struct Departures: Sendable {
    private static let pieceSize = 64

    private let store: any Store
    private let articles: Articles
    private let openChats: OpenChats
    private let tradeChats: TradeChats
    private let pets: Pets

    package init(
        store: any Store, articles: Articles, openChats: OpenChats, tradeChats: TradeChats,
        pets: Pets
    ) {
        self.store = store
        self.articles = articles
        self.openChats = openChats
        self.tradeChats = tradeChats
        self.pets = pets
    }

    /// Removes everything that a user left.
    func removeAll(of user: UserID) async throws(StoreError) {
        let identity = Identity(user: user, name: "", role: .user)
        for kind in ArticleKind.allCases {
            try await removeArticles(kind, by: identity)
            try await removeComments(kind, by: identity)
            try await removeReactions(kind, by: identity)
        }
        try await removeRooms(of: identity)
        try await removePets(of: user)
    }

    private func removeArticles(
        _ kind: ArticleKind, by user: Identity
    ) async throws(StoreError) {
        try await forEach(in: ArticleLists.of(user.user, kind)) { id throws(StoreError) in
            do throws(ArticleError) {
                try await articles.delete(kind, id, by: user, key: nil)
            } catch {
                if case .store(let cause) = error { throw cause }
            }
        }
    }

    private func removeComments(
        _ kind: ArticleKind, by user: Identity
    ) async throws(StoreError) {
        try await forEach(in: Articles.comments(by: user.user, kind)) { number throws(StoreError) in
            let key = Articles.commentKey(kind, number)
            guard let record = try await store.records([key])[0] else { return }
            let comment = try StoredValue.decode(Comment.self, from: record, at: key)
            do throws(ArticleError) {
                try await articles.deleteComment(
                    on: kind, comment.articleId, number, by: user, key: nil)
            } catch {
                if case .store(let cause) = error { throw cause }
            }
        }
    }

    private func removeReactions(
        _ kind: ArticleKind, by user: Identity
    ) async throws(StoreError) {
        for reaction in Reaction.allCases {
            try await forEach(in: reaction.list(of: user.user, kind)) { id throws(StoreError) in
                do throws(ArticleError) {
                    switch reaction {
                    case .like: try await articles.unlike(kind, id, by: user, key: nil)
                    case .bookmark: try await articles.setBookmark(false, kind, id, by: user)
                    }
                } catch {
                    if case .store(let cause) = error { throw cause }
                }
            }
        }
    }

    private func removeRooms(of user: Identity) async throws(StoreError) {
        try await forEach(in: OpenChats.memberships(of: user.user)) { id throws(StoreError) in
            do throws(OpenChatError) {
                if try await openChats.chat(id).ownerId == user.user.rawValue {
                    try await openChats.delete(id, by: user, key: nil)
                } else {
                    try await openChats.leave(id, user.user)
                }
            } catch {
                if case .store(let cause) = error { throw cause }
            }
        }
        try await forEach(in: TradeChats.rooms(of: user.user)) { id throws(StoreError) in
            do throws(TradeChatError) {
                try await tradeChats.close(id, by: user)
            } catch {
                if case .store(let cause) = error { throw cause }
            }
        }
    }

    private func removePets(of user: UserID) async throws(StoreError) {
        try await forEach(in: Pets.list(of: user)) { id throws(StoreError) in
            do throws(PetError) {
                try await pets.remove(id, of: user, key: nil)
            } catch {
                if case .store(let cause) = error { throw cause }
            }
        }
    }

    /// Removes what an index lists, piece by piece. An entry that is still there afterwards led to
    /// nothing.
    private func forEach(
        in index: String, _ remove: (Int64) async throws(StoreError) -> Void
    ) async throws(StoreError) {
        while true {
            let entries = try await store.entries(
                of: index, in: .all, descending: false, skip: 0, limit: Self.pieceSize)
            guard !entries.isEmpty else { return }
            for entry in entries {
                if let id = Int64(entry.id) { try await remove(id) }
            }
            try await store.commit(entries.map { .delete($0, index: index) })
        }
    }
}
