import Engine
import Transport

/// Trades around a place.
struct MapRoutes: Sendable {
    private let trades: ArticleRoutes<TradeAnswer>

    private static let latitude = Field<Double>.number("latitude", -90...90)
    private static let longitude = Field<Double>.number("longitude", -180...180)
    /// To the other side of the Earth at most.
    private static let radiusKm = Field<Double>.number("radiusKm", 0...20_100).or(5)
    private static let category = ArticleFields.category.optional

    init(_ trades: ArticleRoutes<TradeAnswer>) {
        self.trades = trades
    }

    var all: [APIRoute] {
        [
            APIRoute(
                .get, "/api/trade/nearby", "Trades around a place, the nearest first.",
                for: .anyoneByName,
                query: PageQuery.unsorted + [
                    Self.latitude, Self.longitude, Self.radiusKm, Self.category,
                ], gives: .ok(PageAnswer<TradeAnswer>.self), nearby)
        ]
    }

    @Sendable private func nearby(_ request: APIRequest) async throws(APIError) -> HTTPResponse {
        let page = PageQuery.readUnsorted(request)
        let center = Place(latitude: request[Self.latitude], longitude: request[Self.longitude])
        let (near, found) = try await trades.asking { () throws(StoreError) in
            let near = try await trades.articles.trades(
                near: center, withinKm: request[Self.radiusKm], request[Self.category])
            let ids = near.dropFirst(page.skip).prefix(page.size).map(\.id)
            return (near, try await trades.articles.articles(.trade, ids))
        }
        let answers = try await trades.answers(found, for: request.caller).map { answer in
            TradeAnswer(answer: answer.answer, from: center)
        }
        return HTTPResponse(json: PageAnswer(answers, of: page, total: near.count))
    }
}

extension TradeAnswer {
    /// The trade as seen from a place, its distance rounded to metres.
    fileprivate init(answer: ArticleAnswer, from center: Place) {
        var answer = answer
        if let latitude = answer.latitude, let longitude = answer.longitude {
            let place = Place(latitude: latitude, longitude: longitude)
            let distanceKm = GreatCircle.distanceKm(center, place)
            answer.distanceKm = (distanceKm * 1_000).rounded() / 1_000
        }
        self.init(answer: answer)
    }
}
