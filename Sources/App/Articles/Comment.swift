import Engine

/// What somebody says about an article.
struct Comment: Codable, Sendable, Hashable {
    static let charactersMax = 1_000

    let id: Int64
    let articleId: Int64
    let authorId: Int64
    var content: String
    let createdAtMs: Int64
    var updatedAtMs: Int64

    var author: UserID { UserID(authorId) }
}

/// Comments on articles.
extension Articles {
    /// A page of what was said about an article, and how much of it there is.
    func comments(
        on kind: ArticleKind, _ id: Int64, skip: Int, limit: Int, oldestFirst: Bool
    ) async throws(ArticleError) -> (comments: [Comment], total: Int) {
        let index = Self.comments(on: kind, id)
        let found = try await ArticleError.storing { () throws(StoreError) -> ([Comment], Int)? in
            guard try await store.records([Self.key(kind, id)])[0] != nil else { return nil }
            let total = try await store.count(of: index, in: .all)
            let entries = try await store.entries(
                of: index, in: .all, descending: !oldestFirst, skip: skip, limit: limit)
            let keys = entries.map { RecordKey(Self.commentCollection(kind), $0.id) }
            var comments: [Comment] = []
            comments.reserveCapacity(keys.count)
            for (key, record) in zip(keys, try await store.records(keys)) {
                guard let record else { continue }
                comments.append(try StoredValue.decode(Comment.self, from: record, at: key))
            }
            return (comments, total)
        }
        guard let found else { throw .noSuchArticle }
        return found
    }

    /// Says something about an article. With a key that its author has used within 24 hours it is
    /// what was said then.
    func comment(
        on kind: ArticleKind, _ id: Int64, _ content: String, by author: Identity,
        key: IdempotencyKey?
    ) async throws(ArticleError) -> Comment {
        let claim = key.map { Claim("\(kind.rawValue)-comment/\(id)", $0, by: author.user) }
        let number = try await once(claim) { () throws(ArticleError) in
            let (article, _) = try await read(kind, id)
            let number = try await ArticleError.storing { () throws(StoreError) in
                try await store.advance(Self.commentCollection(kind), by: 1)
            }
            let nowMs = now()
            let comment = Comment(
                id: number, articleId: id, authorId: author.user.rawValue, content: content,
                createdAtMs: nowMs, updatedAtMs: nowMs)
            let news = NotificationEvent.comment(number, on: article, by: author.user)
            let telling = try await ArticleError.storing { () throws(StoreError) in
                try await notifications.raising(news)
            }
            return (
                String(number),
                [
                    .put(
                        Self.commentKey(kind, number), value: StoredValue.encode(comment),
                        expecting: .absent)
                ] + Self.listings(of: comment, on: kind).map(\.insertion)
                    + [.add(1, counter: ArticleCounter.comments.name(of: kind, id))]
                    + telling
            )
        }
        return try await readComment(kind, on: id, Int64(number) ?? 0).comment
    }

    /// Changes a comment; its author and administrators may.
    func updateComment(
        on kind: ArticleKind, _ id: Int64, _ number: Int64, _ content: String, by editor: Identity
    ) async throws(ArticleError) -> Comment {
        for _ in 0..<Commits.attemptsMax {
            var (comment, version) = try await readComment(kind, on: id, number)
            guard editor.mayEdit(comment.author) else { throw .notYours }
            guard comment.content != content else { return comment }
            comment.content = content
            comment.updatedAtMs = max(now(), comment.createdAtMs)
            let change = Change.put(
                Self.commentKey(kind, number), value: StoredValue.encode(comment),
                expecting: .version(version))
            if try await isCommitted([change]) { return comment }
        }
        throw .store(.unavailable("the comment changes too often"))
    }

    /// Takes a comment away; its author and administrators may.
    func deleteComment(
        on kind: ArticleKind, _ id: Int64, _ number: Int64, by editor: Identity,
        key: IdempotencyKey?
    ) async throws(ArticleError) {
        let claim = key.map { Claim("\(kind.rawValue)-uncomment/\(number)", $0, by: editor.user) }
        _ = try await once(claim) { () throws(ArticleError) in
            let (comment, version) = try await readComment(kind, on: id, number)
            guard editor.mayEdit(comment.author) else { throw .notYours }
            let untelling = try await ArticleError.storing { () throws(StoreError) in
                try await notifications.takingBack(.comment(number, on: kind))
            }
            return (
                "",
                [.remove(Self.commentKey(kind, number), expecting: .version(version))]
                    + Self.listings(of: comment, on: kind).map(\.deletion)
                    + [.add(-1, counter: ArticleCounter.comments.name(of: kind, id))]
                    + untelling
            )
        }
    }

    private func readComment(
        _ kind: ArticleKind, on id: Int64, _ number: Int64
    ) async throws(ArticleError) -> (comment: Comment, version: UInt64) {
        let key = Self.commentKey(kind, number)
        let (article, record) = try await ArticleError.storing { () throws(StoreError) in
            let records = try await store.records([Self.key(kind, id), key])
            return (records[0], records[1])
        }
        guard article != nil else { throw .noSuchArticle }
        guard let record else { throw .noSuchComment }
        let comment = try await ArticleError.storing { () throws(StoreError) in
            try StoredValue.decode(Comment.self, from: record, at: key)
        }
        guard comment.articleId == id else { throw .noSuchComment }
        return (comment, record.version)
    }

    /// The comments on an article, by when they were made.
    static func comments(on kind: ArticleKind, _ id: Int64) -> String {
        "\(kind.rawValue)/\(id)/comments"
    }

    /// What somebody has commented, on articles of a kind.
    static func comments(by author: UserID, _ kind: ArticleKind) -> String {
        "\(commentCollection(kind))/by/\(author)"
    }

    static func commentCollection(_ kind: ArticleKind) -> String { "\(kind.rawValue)-comment" }

    static func commentKey(_ kind: ArticleKind, _ number: Int64) -> RecordKey {
        RecordKey(commentCollection(kind), String(number))
    }

    static func listings(of comment: Comment, on kind: ArticleKind) -> [Listing] {
        let (id, time) = (String(comment.id), comment.createdAtMs.sortKey)
        return [
            Listing(comments(on: kind, comment.articleId), time, id),
            Listing(comments(by: comment.author, kind), time, id),
        ]
    }
}
