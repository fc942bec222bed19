import Engine

/// An article as a reader sees it.
struct ArticleView: Sendable {
    let article: Article
    let author: Person
    let likeCount: Int64
    let commentCount: Int64
    let bookmarkCount: Int64
    let isLiked: Bool
    let isBookmarked: Bool
}

/// Puts together what readers see of articles, for a whole page in a handful of questions to the store.
package struct ArticleViews: Sendable {
    private let store: any Store
    private let people: People

    package init(store: any Store, people: People) {
        self.store = store
        self.people = people
    }

    /// The articles, which are of one kind, as `reader` sees them (nil: who has no name), in their
    /// order.
    func views(
        of articles: [Article], _ kind: ArticleKind, for reader: UserID?
    ) async throws(StoreError) -> [ArticleView] {
        guard !articles.isEmpty else { return [] }
        let authors = try await people.people(articles.map(\.author))
        let counters = ArticleCounter.allCases
        let counts = try await store.values(
            of: articles.flatMap { article in counters.map { $0.name(of: kind, article.id) } })
        let reactions = try await reactions(to: articles, kind, by: reader)
        return articles.indices.map { place in
            let counts = counts[(place * counters.count)...].prefix(counters.count)
            let count = Dictionary(uniqueKeysWithValues: zip(counters, counts))
            return ArticleView(
                article: articles[place],
                author: authors[articles[place].author, default: .unknown],
                likeCount: count[.likes, default: 0], commentCount: count[.comments, default: 0],
                bookmarkCount: count[.bookmarks, default: 0],
                isLiked: reactions[place].contains(.like),
                isBookmarked: reactions[place].contains(.bookmark))
        }
    }

    private func reactions(
        to articles: [Article], _ kind: ArticleKind, by reader: UserID?
    ) async throws(StoreError) -> [Set<Reaction>] {
        guard let reader else { return articles.map { _ in [] } }
        let kinds = Reaction.allCases
        let records = try await store.records(
            articles.flatMap { article in kinds.map { $0.key(kind, article.id, reader) } })
        return articles.indices.map { place in
            let records = records[(place * kinds.count)...].prefix(kinds.count)
            return Set(zip(kinds, records).filter { $1 != nil }.map { $0.0 })
        }
    }
}
