import Engine

/// Finds articles by what they say, the newest first.
///
/// A query that one gram decides is a page of that gram's index. Every other one goes through the
/// articles of its rarest gram, newest first, and looks into their texts; it ends where enough was
/// found, or looked into.
struct ArticleSearch: Sendable {
    /// As many matches a query finds that must be looked for in texts; what is older is left out.
    static let matchesMax = 1_000
    /// As many texts it looks into.
    static let textsMax = 5_000
    /// Of so many grams it asks how rare they are.
    private static let gramsMax = 8
    /// Texts that are read at a time.
    private static let batchSize = 250

    private let store: any Store

    init(store: any Store) {
        self.store = store
    }

    /// A page of what matches, by number, and how many match: exactly, or `matchesMax` where there
    /// may be more.
    func find(
        _ query: SearchQuery, _ kind: ArticleKind, skip: Int, limit: Int
    ) async throws(StoreError) -> (ids: [String], total: Int) {
        if let gram = query.decidingGram {
            let index = SearchIndex.index(kind, gram)
            let total = try await store.count(of: index, in: .all)
            let entries = try await store.entries(
                of: index, in: .all, descending: true, skip: skip, limit: limit)
            return (entries.map(\.id), total)
        }
        let matches = try await matches(query, kind)
        return (Array(matches.dropFirst(skip).prefix(limit)), matches.count)
    }

    private func matches(
        _ query: SearchQuery, _ kind: ArticleKind
    ) async throws(StoreError) -> [String] {
        guard let index = try await rarestIndex(query, kind) else { return [] }
        var matches: [String] = []
        var seen = 0
        // From the time of the last entry seen on, without those of this time that were seen.
        var (lastKey, skip): ([UInt8]?, Int) = (nil, 0)
        while seen < Self.textsMax {
            let entries = try await store.entries(
                of: index, in: IndexRange(upTo: lastKey.map { $0 + [0] }), descending: true,
                skip: skip, limit: Self.batchSize)
            guard let last = entries.last else { break }
            let texts = try await store.records(
                entries.map { SearchIndex.textKey(kind, $0.id) })
            for (entry, text) in zip(entries, texts) {
                guard let text, query.isIn(text.value) else { continue }
                matches.append(entry.id)
                if matches.count == Self.matchesMax { return matches }
            }
            seen += entries.count
            if entries.count < Self.batchSize { break }
            let ofLastTime = entries.reversed().prefix { $0.sortKey == last.sortKey }.count
            skip = ofLastTime + (last.sortKey == lastKey ? skip : 0)
            lastKey = last.sortKey
        }
        return matches
    }

    /// The index with the fewest articles that holds all that match; nil where nothing does.
    private func rarestIndex(
        _ query: SearchQuery, _ kind: ArticleKind
    ) async throws(StoreError) -> String? {
        var rarest: (index: String, count: Int)?
        for gram in query.grams(atMost: Self.gramsMax) {
            let index = SearchIndex.index(kind, gram)
            let count = try await store.count(of: index, in: .all)
            if count == 0 { return nil }
            if count < rarest?.count ?? .max { rarest = (index, count) }
        }
        return rarest?.index
    }
}
