import Engine
import Transport

/// Looking for posts and trades by what they say.
extension ArticleRoutes {
    private var keyword: Field<SearchQuery> {
        let charactersMax = SearchQuery.charactersMax
        return Field(
            "keyword", .text(characters: 1...charactersMax),
            reason: "This must be 1 to \(charactersMax) characters, a letter or digit among them.",
            read: { $0.text.flatMap(SearchQuery.init) })
    }

    var searches: [APIRoute] {
        [
            APIRoute(
                .get, "\(root)/search", "Those that say every word of a keyword, the newest first.",
                for: .anyoneByName, query: PageQuery.unsorted + [keyword],
                gives: .ok(PageAnswer<Answer>.self), search)
        ]
    }

    @Sendable private func search(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.readUnsorted(request)
        let query = request[keyword]
        let (found, total) = try await asking { () throws(StoreError) in
            let (ids, total) = try await ArticleSearch(store: articles.store).find(
                query, kind, skip: page.skip, limit: page.size)
            return (try await articles.articles(kind, ids), total)
        }
        return HTTPResponse(
            json: PageAnswer(
                try await answers(found, for: request.caller), of: page, total: total))
    }

    /// What the store says, or its trouble in the words of REST.
    func asking<Value>(
        _ question: () async throws(StoreError) -> Value
    ) async throws(APIError) -> Value {
        do {
            return try await question()
        } catch {
            throw .storeUnavailable(error)
        }
    }
}
