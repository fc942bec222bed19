import Engine
import Transport

/// What trades have beside what posts have.
struct TradeRoutes: Sendable {
    private let trades: ArticleRoutes<TradeAnswer>

    init(_ trades: ArticleRoutes<TradeAnswer>) {
        self.trades = trades
    }

    var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/trade/category", "Trades of a category, the newest first.",
                for: .anyoneByName, query: PageQuery.fields() + [ArticleFields.category],
                gives: .ok(PageAnswer<TradeAnswer>.self), list),
            APIRoute(
                .put, "/api/trade/{id}/status", "Says how far the trade is.",
                takes: [ArticleFields.status], gives: .ok(TradeAnswer.self), setStatus),
        ]
    }

    @Sendable private func list(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.read(request)
        let (found, total) = try await trades.refusing { () throws(ArticleError) in
            try await trades.articles.list(
                .trade, in: ArticleLists.of(request[ArticleFields.category]), skip: page.skip,
                limit: page.size, oldestFirst: page.isAscending)
        }
        let answers = try await trades.answers(found, for: request.caller)
        return HTTPResponse(json: PageAnswer(answers, of: page, total: total))
    }

    @Sendable private func setStatus(
        _ request: APIRequest
    ) async throws(APIError) -> HTTPResponse {
        let id = try request.id()
        let article = try await trades.refusing { () throws(ArticleError) in
            try await trades.articles.setStatus(
                of: id, to: request[ArticleFields.status], by: request.user)
        }
        return HTTPResponse(json: try await trades.answer(article, for: request.user))
    }
}
