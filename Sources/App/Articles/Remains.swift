import Engine

/// What is left of an article, an open chat or an account after it was taken away: comments, likes, bookmarks, the
/// rooms of a trade, memberships, which nobody finds any more. They are removed piece by piece.
///
/// The commit that takes something away lists it here, so that a crash forgets nothing.
package struct Remains: Sendable {
    /// What has remains that are still to be removed.
    private static let index = "remains"
    /// Removed in one commit.
    static let pieceSize = 128

    private let articles: Articles
    private let openChats: OpenChats
    private let tradeChats: TradeChats
    private let departures: Departures

    package init(
        articles: Articles, openChats: OpenChats, tradeChats: TradeChats, departures: Departures
    ) {
        self.articles = articles
        self.openChats = openChats
        self.tradeChats = tradeChats
        self.departures = departures
    }

    /// Something of a collection in that list.
    static func of(_ collection: String, _ id: Int64) -> Listing {
        Listing(index, [], "\(collection)/\(id)")
    }

    /// Looks for remains every second.
    package var chore: Upkeep.Chore {
        Upkeep.Chore("remains", every: .seconds(1)) { () throws(StoreError) in
            try await sweep() > 0
        }
    }

    /// Removes what is left of up to `countMax` things, and returns of how many.
    func sweep(atMost countMax: Int = 64) async throws(StoreError) -> Int {
        let entries = try await store.entries(
            of: Self.index, in: .all, descending: false, skip: 0, limit: countMax)
        for entry in entries {
            let parts = entry.id.split(separator: "/")
            guard parts.count == 2, let id = Int64(parts[1]) else {
                throw .unavailable("the index \(Self.index) names nothing: \(entry.id)")
            }
            if let kind = ArticleKind(rawValue: String(parts[0])) {
                try await removeComments(on: kind, id)
                for reaction in Reaction.allCases { try await remove(reaction, on: kind, id) }
                if kind == .trade { try await tradeChats.closeAll(ofTrade: id) }
            } else if parts[0] == Account.collection {
                try await departures.removeAll(of: UserID(id))
            } else {
                try await openChats.removeRemains(of: id)
            }
            try await store.commit([.delete(entry, index: Self.index)])
        }
        return entries.count
    }

    private var store: any Store { articles.store }

    private func removeComments(on kind: ArticleKind, _ id: Int64) async throws(StoreError) {
        let index = Articles.comments(on: kind, id)
        try await store.removePieces(of: index) { entries throws(StoreError) in
            let keys = entries.map { RecordKey(Articles.commentCollection(kind), $0.id) }
            var changes: [Change] = []
            for (key, record) in zip(keys, try await store.records(keys)) {
                guard let record else { continue }
                let comment = try StoredValue.decode(Comment.self, from: record, at: key)
                changes.append(.remove(key, expecting: .version(record.version)))
                changes += Articles.listings(of: comment, on: kind).map(\.deletion)
                changes.append(.add(-1, counter: ArticleCounter.comments.name(of: kind, id)))
            }
            return changes
        }
    }

    private func remove(
        _ reaction: Reaction, on kind: ArticleKind, _ id: Int64
    ) async throws(StoreError) {
        let index = reaction.list(on: kind, id)
        try await store.removePieces(of: index) { entries throws(StoreError) in
            let users = entries.compactMap { Int64($0.id).map { UserID($0) } }
            let keys = users.map { reaction.key(kind, id, $0) }
            var changes: [Change] = []
            for (user, record) in zip(users, try await store.records(keys)) {
                guard let record else { continue }
                do throws(ArticleError) {
                    changes += try Articles.removing(reaction, record, from: kind, id, by: user)
                } catch {
                    throw .unavailable("a \(reaction.rawValue) can't be read")
                }
            }
            return changes
        }
    }
}

extension Store {
    /// Removes what an index lists, and its entries, a piece at a time. Somebody who is in the way
    /// removes the same.
    func removePieces(
        of index: String, _ removal: ([IndexEntry]) async throws(StoreError) -> [Change]
    ) async throws(StoreError) {
        while true {
            let entries = try await self.entries(
                of: index, in: .all, descending: false, skip: 0, limit: Remains.pieceSize)
            guard !entries.isEmpty else { return }
            do throws(StoreError) {
                let changes = try await removal(entries)
                try await commit(changes + entries.map { .delete($0, index: index) })
            } catch {
                guard case .conflict = error else { throw error }
            }
        }
    }
}
