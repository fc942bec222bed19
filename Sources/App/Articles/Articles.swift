import Engine

/// The community's posts and trades, in the store.
///
/// Every operation reads the present state and changes it in one atomic commit, so any number of
/// nodes may work on the same articles.
package struct Articles: Sendable {
    let store: any Store
    let notifications: Notifications
    /// What the commit that takes something away must say of its images.
    let detach: @Sendable ([String]) -> [Change]
    let now: @Sendable () -> Int64

    /// `now` gives milliseconds since 1970.
    package init(
        store: any Store, notifications: Notifications,
        detaching detach: @escaping @Sendable ([String]) -> [Change] = { _ in [] },
        now: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.notifications = notifications
        self.detach = detach
        self.now = now
    }

    // MARK: Reading

    /// The article with this number.
    func article(_ kind: ArticleKind, _ id: Int64) async throws(ArticleError) -> Article {
        try await read(kind, id).article
    }

    /// A page of one of the lists, and how many are listed in all.
    func list(
        _ kind: ArticleKind, in index: String, skip: Int, limit: Int, oldestFirst: Bool
    ) async throws(ArticleError) -> (articles: [Article], total: Int) {
        try await ArticleError.storing { () throws(StoreError) in
            let total = try await store.count(of: index, in: .all)
            let entries = try await store.entries(
                of: index, in: .all, descending: !oldestFirst, skip: skip, limit: limit)
            return (try await articles(kind, entries.map(\.id)), total)
        }
    }

    /// The articles with these numbers, in this order; those that are gone are left out.
    func articles(_ kind: ArticleKind, _ ids: [String]) async throws(StoreError) -> [Article] {
        let keys = ids.map { RecordKey(kind.rawValue, $0) }
        var articles: [Article] = []
        articles.reserveCapacity(keys.count)
        for (key, record) in zip(keys, try await store.records(keys)) {
            guard let record else { continue }
            articles.append(try StoredValue.decode(Article.self, from: record, at: key))
        }
        return articles
    }

    // MARK: Writing

    /// Makes an article. With a key that its author has used within 24 hours it is the one that was
    /// made then. `text` must say everything that an article of the kind has.
    func create(
        _ kind: ArticleKind, _ text: ArticleText, by author: Identity, key: IdempotencyKey?
    ) async throws(ArticleError) -> Article {
        let claim = key.map { Claim(kind.rawValue, $0, by: author.user) }
        let id = try await once(claim) { () throws(ArticleError) in
            let id = try await ArticleError.storing { () throws(StoreError) in
                try await store.advance(kind.rawValue, by: 1)
            }
            let nowMs = now()
            let article = Article(
                id: id, authorId: author.user.rawValue, title: text.title ?? "",
                content: text.content ?? "", images: text.images?.keys ?? [], createdAtMs: nowMs,
                updatedAtMs: nowMs, trade: kind == .trade ? TradeTerms(text) : nil)
            let changes =
                [
                    .put(
                        Self.key(kind, id), value: StoredValue.encode(article),
                        expecting: .absent)
                ] + ArticleLists.changes(from: nil, to: article)
                + (text.images?.changes(Self.key(kind, id), []) ?? [])
            return (String(id), changes)
        }
        return try await article(kind, Int64(id) ?? 0)
    }

    /// Changes what an article says; its author and administrators may.
    func update(
        _ kind: ArticleKind, _ id: Int64, _ text: ArticleText, by editor: Identity
    ) async throws(ArticleError) -> Article {
        try await change(
            kind, id, by: editor,
            with: { text.images?.changes(Self.key(kind, id), $0.images) ?? [] }
        ) { $0.take(text) }
    }

    /// Says how far a trade is; the seller and administrators may.
    func setStatus(
        of id: Int64, to status: TradeStatus, by editor: Identity
    ) async throws(ArticleError) -> Article {
        try await change(.trade, id, by: editor) { $0.trade?.status = status }
    }

    /// Takes an article away, with all that hangs on it; its author and administrators may.
    func delete(
        _ kind: ArticleKind, _ id: Int64, by editor: Identity, key: IdempotencyKey?
    ) async throws(ArticleError) {
        let claim = key.map { Claim("\(kind.rawValue)-delete/\(id)", $0, by: editor.user) }
        _ = try await once(claim) { () throws(ArticleError) in
            let (article, version) = try await read(kind, id)
            guard editor.mayEdit(article.author) else { throw .notYours }
            let changes =
                [.remove(Self.key(kind, id), expecting: .version(version))]
                + ArticleLists.changes(from: article, to: nil)
                + [Remains.of(kind.rawValue, id).insertion] + detach(article.images)
            return ("", changes)
        }
    }

    private func change(
        _ kind: ArticleKind, _ id: Int64, by editor: Identity,
        with more: (_ before: Article) -> [Change] = { _ in [] },
        _ change: (inout Article) -> Void
    ) async throws(ArticleError) -> Article {
        for _ in 0..<Commits.attemptsMax {
            let (before, version) = try await read(kind, id)
            guard editor.mayEdit(before.author) else { throw .notYours }
            var article = before
            change(&article)
            guard article != before else { return before }
            article.updatedAtMs = max(now(), before.createdAtMs)
            let changes =
                [
                    .put(
                        Self.key(kind, id), value: StoredValue.encode(article),
                        expecting: .version(version))
                ] + ArticleLists.changes(from: before, to: article) + more(before)
            if try await isCommitted(changes) { return article }
        }
        throw .store(.unavailable("the \(kind.rawValue) changes too often"))
    }

    static func key(_ kind: ArticleKind, _ id: Int64) -> RecordKey {
        RecordKey(kind.rawValue, String(id))
    }

    func read(
        _ kind: ArticleKind, _ id: Int64
    ) async throws(ArticleError) -> (article: Article, version: UInt64) {
        let key = Self.key(kind, id)
        let found = try await ArticleError.storing { () throws(StoreError) -> (Article, UInt64)? in
            guard let record = try await store.records([key])[0] else { return nil }
            return (
                try StoredValue.decode(Article.self, from: record, at: key), record.version
            )
        }
        guard let found else { throw .noSuchArticle }
        return found
    }
}

extension Article {
    /// Changes what `text` says something of.
    fileprivate mutating func take(_ text: ArticleText) {
        if let title = text.title { self.title = title }
        if let content = text.content { self.content = content }
        if let images = text.images { self.images = images.keys }
        if let category = text.category { trade?.category = category }
        if let price = text.price { trade?.price = price }
        if let place = text.place { trade?.place = place }
        if let address = text.address { trade?.address = address }
    }
}

extension TradeTerms {
    fileprivate init(_ text: ArticleText) {
        category = text.category ?? .item
        price = text.price ?? 0
        place = text.place
        address = text.address ?? ""
    }
}

extension Identity {
    /// Whether this user may change what somebody wrote.
    func mayEdit(_ author: UserID) -> Bool { user == author || role == .admin }
}
