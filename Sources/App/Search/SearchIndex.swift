import Engine

/// Where the store has what search needs: an index of articles by when they were made for each gram,
/// and each article's searchable text.
enum SearchIndex {
    /// The articles whose text has a gram.
    static func index(_ kind: ArticleKind, _ gram: SearchGram) -> String {
        "search/\(kind.rawValue)/\(gram.text)"
    }

    /// Where an article's searchable text is.
    static func textKey(_ kind: ArticleKind, _ id: String) -> RecordKey {
        RecordKey("search/\(kind.rawValue)", id)
    }

    /// What makes an article found by what it says now, and no more by what it said.
    static func changes(from before: Article?, to after: Article?) -> [Change] {
        guard let article = after ?? before else { return [] }
        if before?.title == after?.title, before?.content == after?.content { return [] }
        let old = before.map { SearchableText(title: $0.title, content: $0.content) }
        let new = after.map { SearchableText(title: $0.title, content: $0.content) }
        let (oldGrams, newGrams) = (old?.grams ?? [], new?.grams ?? [])
        let key = textKey(article.kind, String(article.id))
        func listing(_ gram: SearchGram) -> Listing {
            Listing(
                index(article.kind, gram), article.createdAtMs.sortKey, String(article.id))
        }
        return oldGrams.subtracting(newGrams).map { listing($0).deletion }
            + newGrams.subtracting(oldGrams).map { listing($0).insertion }
            + [new.map { .put(key, value: $0.bytes) } ?? .remove(key)]
    }
}
