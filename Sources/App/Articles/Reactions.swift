import Engine

/// What is counted of an article.
enum ArticleCounter: String, CaseIterable {
    case likes
    case comments
    case bookmarks

    func name(of kind: ArticleKind, _ id: Int64) -> String { "\(kind.rawValue)/\(id)/\(rawValue)" }
}

/// What a reader can do to an article with one press of a button. The raw values name collections of
/// the store.
enum Reaction: String, Sendable, CaseIterable {
    case like
    case bookmark

    var counter: ArticleCounter {
        switch self {
        case .like: .likes
        case .bookmark: .bookmarks
        }
    }

    /// Where a user's reaction to an article is stored.
    func key(_ kind: ArticleKind, _ id: Int64, _ user: UserID) -> RecordKey {
        RecordKey("\(kind.rawValue)-\(rawValue)", "\(id)/\(user)")
    }

    /// The articles of a kind that a user has reacted to, by when they did.
    func list(of user: UserID, _ kind: ArticleKind) -> String {
        "\(kind.rawValue)-\(rawValue)/by/\(user)"
    }

    /// Those who have reacted to an article.
    func list(on kind: ArticleKind, _ id: Int64) -> String { "\(kind.rawValue)/\(id)/\(rawValue)" }
}

/// Likes and bookmarks.
extension Articles {
    /// Likes an article of somebody else, once.
    func like(
        _ kind: ArticleKind, _ id: Int64, by user: Identity, key: IdempotencyKey?
    ) async throws(ArticleError) {
        let claim = key.map { Claim("\(kind.rawValue)-like/\(id)", $0, by: user.user) }
        _ = try await once(claim) { () throws(ArticleError) in
            let (article, reaction) = try await read(.like, to: kind, id, by: user.user)
            guard article.author != user.user else { throw .yourOwn }
            guard reaction == nil else { throw .alreadyLiked }
            let telling = try await ArticleError.storing { () throws(StoreError) in
                try await notifications.raising(.like(of: article, by: user.user))
            }
            return (
                "", Self.adding(.like, to: kind, id, by: user.user, atMs: now()) + telling
            )
        }
    }

    /// Takes a like back.
    func unlike(
        _ kind: ArticleKind, _ id: Int64, by user: Identity, key: IdempotencyKey?
    ) async throws(ArticleError) {
        let claim = key.map { Claim("\(kind.rawValue)-unlike/\(id)", $0, by: user.user) }
        _ = try await once(claim) { () throws(ArticleError) in
            let (_, reaction) = try await read(.like, to: kind, id, by: user.user)
            guard let reaction else { throw .notLiked }
            let untelling = try await ArticleError.storing { () throws(StoreError) in
                try await notifications.takingBack(.like(of: id, kind, by: user.user))
            }
            return (
                "",
                try Self.removing(.like, reaction, from: kind, id, by: user.user) + untelling
            )
        }
    }

    /// Puts an article on the user's list, or takes it off; once on it or off it, it stays so.
    func setBookmark(
        _ isSet: Bool, _ kind: ArticleKind, _ id: Int64, by user: Identity
    ) async throws(ArticleError) {
        for _ in 0..<Commits.attemptsMax {
            let (_, reaction) = try await read(.bookmark, to: kind, id, by: user.user)
            guard (reaction != nil) != isSet else { return }
            let changes =
                try reaction.map { reaction throws(ArticleError) in
                    try Self.removing(.bookmark, reaction, from: kind, id, by: user.user)
                } ?? Self.adding(.bookmark, to: kind, id, by: user.user, atMs: now())
            if try await isCommitted(changes) { return }
        }
        throw .store(.unavailable("the bookmark changes too often"))
    }

    private func read(
        _ reaction: Reaction, to kind: ArticleKind, _ id: Int64, by user: UserID
    ) async throws(ArticleError) -> (article: Article, reaction: Record?) {
        let keys = [Self.key(kind, id), reaction.key(kind, id, user)]
        let found = try await ArticleError.storing { () throws(StoreError) -> (Article, Record?)? in
            let records = try await store.records(keys)
            guard let record = records[0] else { return nil }
            return (try StoredValue.decode(Article.self, from: record, at: keys[0]), records[1])
        }
        guard let found else { throw .noSuchArticle }
        return found
    }

    static func adding(
        _ reaction: Reaction, to kind: ArticleKind, _ id: Int64, by user: UserID,
        atMs timeMs: Int64
    ) -> [Change] {
        [
            .put(
                reaction.key(kind, id, user), value: StoredValue.encode(timeMs),
                expecting: .absent),
            listing(of: reaction, on: kind, id, by: user, atMs: timeMs).insertion,
            .insert(
                IndexEntry(sortKey: [], id: user.description), index: reaction.list(on: kind, id)),
            .add(1, counter: reaction.counter.name(of: kind, id)),
        ]
    }

    /// `record` is what `adding` made.
    static func removing(
        _ reaction: Reaction, _ record: Record, from kind: ArticleKind, _ id: Int64,
        by user: UserID
    ) throws(ArticleError) -> [Change] {
        let key = reaction.key(kind, id, user)
        let madeMs: Int64
        do {
            madeMs = try StoredValue.decode(Int64.self, from: record, at: key)
        } catch {
            throw .store(error)
        }
        return [
            .remove(key, expecting: .version(record.version)),
            listing(of: reaction, on: kind, id, by: user, atMs: madeMs).deletion,
            .delete(
                IndexEntry(sortKey: [], id: user.description), index: reaction.list(on: kind, id)),
            .add(-1, counter: reaction.counter.name(of: kind, id)),
        ]
    }

    private static func listing(
        of reaction: Reaction, on kind: ArticleKind, _ id: Int64, by user: UserID, atMs: Int64
    ) -> Listing {
        Listing(reaction.list(of: user, kind), atMs.sortKey, String(id))
    }
}
