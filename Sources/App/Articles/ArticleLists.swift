import Engine

/// The indexes in which articles are found.
enum ArticleLists {
    /// All of a kind, by when they were made.
    static func all(_ kind: ArticleKind) -> String { "\(kind.rawValue)/created" }

    /// Those of one author.
    static func of(_ author: UserID, _ kind: ArticleKind) -> String {
        "\(kind.rawValue)/by/\(author)"
    }

    /// Trades of a category.
    static func of(_ category: TradeCategory) -> String { "trade/in/\(category.rawValue)" }

    /// Everywhere an article is listed.
    static func listings(of article: Article) -> Set<Listing> {
        let (id, time) = (String(article.id), article.createdAtMs.sortKey)
        var listings: Set<Listing> = [
            Listing(all(article.kind), time, id),
            Listing(of(article.author, article.kind), time, id),
        ]
        if let terms = article.trade {
            listings.insert(Listing(of(terms.category), time, id))
            listings.formUnion(MapIndex.listings(of: terms, id))
        }
        return listings
    }

    /// What moves an article from where it was found to where it is.
    static func changes(from before: Article?, to after: Article?) -> [Change] {
        let old = before.map(listings) ?? []
        let new = after.map(listings) ?? []
        return old.subtracting(new).map(\.deletion) + new.subtracting(old).map(\.insertion)
            + SearchIndex.changes(from: before, to: after)
    }
}
